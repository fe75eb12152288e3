import { sqlInvariant } from './invariant.js';

export const outsideEffectAtLeastOnce = sqlInvariant(
  'outside-effect-at-least-once',
  'What is journaled as done was done: the attempt that its row names came to its end, before the row was committed.',
  `select j.run_id || ' ' || j.key as subject, 'attempt ' || j.attempt || ' is journaled and never came to its end' as what
     from durable.journal j
     join soak.journal_history h on h.op = 'INSERT' and h.run_id = j.run_id and h.key = j.key
     join soak.commit_time c on c.xid = h.xid
    where j.kind in ('step', 'branch', 'iteration', 'item', 'undo')
      and not exists (select from soak.line l
                       where l.run_id = j.run_id and l.key = j.key and l.event = 'end' and l.attempt = j.attempt
                         and l.at <= c.at)`,
);
