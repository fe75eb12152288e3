import { sqlInvariant } from './invariant.js';

export const endingsAreFinal = sqlInvariant(
  'endings-are-final',
  'A run that has ended stays as it ended, but for what an operator orders; and every change of a status is one that the state machine draws.',
  `select h.run_id as subject, 'went on from ' || h.status_before || ' to ' || h.status as what
     from soak.run_history h
    where h.op = 'UPDATE' and h.status_before in ('completed', 'failed', 'canceled', 'compensation_failed')
      and (h.status <> h.status_before or h.epoch <> h.epoch_before or h.worker_id is not null)
      and not exists (select from durable.operation o where o.run_id = h.run_id and o.at <= h.at)`,
  `select h.run_id as subject, 'went from ' || h.status_before || ' to ' || h.status as what
     from soak.run_history h
    where h.op = 'UPDATE' and h.status <> h.status_before
      and not exists (select from soak.transition t where t.status_before = h.status_before and t.status = h.status)`,
  `select h.run_id as subject, 'was deleted' as what from soak.run_history h where h.op = 'DELETE'`,
);
