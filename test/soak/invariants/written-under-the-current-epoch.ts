import { sqlInvariant } from './invariant.js';

export const writtenUnderTheCurrentEpoch = sqlInvariant(
  'written-under-the-current-epoch',
  'A journal row is written under the epoch that its run has then, and is not committed once a later epoch is.',
  `select h.run_id || ' ' || h.key as subject, 'was written under epoch ' || h.epoch || ' when the run had ' || h.run_epoch as what
     from soak.journal_history h where h.op = 'INSERT' and h.epoch is distinct from h.run_epoch`,
  `select h.run_id || ' ' || h.key as subject,
          'of epoch ' || h.epoch || ' was committed after epoch ' || min(later.epoch) || ' had been' as what
     from soak.journal_history h
     join soak.commit_time c on c.xid = h.xid
     join soak.run_history later on later.run_id = h.run_id and later.epoch > h.epoch
     join soak.commit_time d on d.xid = later.xid
    where h.op = 'INSERT' and d.at < c.at
    group by h.run_id, h.key, h.epoch`,
);
