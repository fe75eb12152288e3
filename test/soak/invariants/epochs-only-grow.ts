import { sqlInvariant } from './invariant.js';

export const epochsOnlyGrow = sqlInvariant(
  'epochs-only-grow',
  'The epoch of a run never falls, rises by one with every claim, and changes whenever its holder does.',
  `select h.run_id as subject, 'fell from epoch ' || h.epoch_before || ' to ' || h.epoch as what
     from soak.run_history h where h.op = 'UPDATE' and h.epoch < h.epoch_before`,
  `select h.run_id as subject, 'changed hands and kept epoch ' || h.epoch as what
     from soak.run_history h
    where h.op = 'UPDATE' and h.worker_id is not null and h.worker_id is distinct from h.worker_before
      and h.epoch <> h.epoch_before + 1`,
  `select h.run_id as subject, 'went straight from worker ' || h.worker_before || ' to ' || h.worker_id as what
     from soak.run_history h where h.op = 'UPDATE' and h.worker_before <> h.worker_id`,
);
