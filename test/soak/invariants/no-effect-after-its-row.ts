import { sqlInvariant } from './invariant.js';

export const noEffectAfterItsRow = sqlInvariant(
  'no-effect-after-its-row',
  'No effect is begun after its journal row was committed, by whomever and however late.',
  `select l.run_id || ' ' || l.key as subject,
          'process ' || l.by || ' began it ' || round(extract(epoch from l.at - c.at) * 1000) || ' ms after its row was committed' as what
     from soak.line l
     join soak.journal_history h on h.op = 'INSERT' and h.run_id = l.run_id and h.key = l.key
     join soak.commit_time c on c.xid = h.xid
    where l.event = 'begin' and l.at > c.at`,
);
