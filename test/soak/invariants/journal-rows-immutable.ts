import { sqlInvariant } from './invariant.js';

export const journalRowsImmutable = sqlInvariant(
  'journal-rows-immutable',
  'A journal row is inserted once and never changed or deleted.',
  `select h.run_id || ' ' || h.key as subject, 'was hit by ' || h.op as what from soak.journal_history h where h.op <> 'INSERT'`,
  `select h.run_id || ' ' || h.key as subject, 'was inserted ' || count(*) || ' times' as what
     from soak.journal_history h where h.op = 'INSERT' group by h.run_id, h.key having count(*) > 1`,
  `select h.run_id || ' ' || h.key as subject, 'was written and is gone' as what
     from soak.journal_history h
    where not exists (select from durable.journal j where j.run_id = h.run_id and j.key = h.key)`,
);
