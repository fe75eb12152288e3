import { sqlInvariant } from './invariant.js';

export const signalsConsumedOnceInOrder = sqlInvariant(
  'signals-consumed-once-in-order',
  'A signal that was acknowledged is kept; it is consumed at most once, after every earlier one of its name, by the wait that journals it.',
  `select l.run_id || ' ' || l.key as subject, 'was acknowledged and is not there' as what
     from soak.line l
    where l.event = 'signalled'
      and not exists (select from durable.signal s where s.run_id = l.run_id and s.dedupe_id = l.key)`,
  `select h.run_id || ' ' || h.name as subject, 'was consumed by ' || h.before || ', then by ' || coalesce(h.consumed_by, 'none') as what
     from soak.signal_history h
    where h.op = 'UPDATE' and h.before is not null and h.consumed_by is distinct from h.before`,
  `with consumed as (
     select h.run_id, h.name, h.position, min(h.seq) as seq from soak.signal_history h
      where h.op = 'UPDATE' and h.consumed_by is not null group by 1, 2, 3)
   select late.run_id || ' ' || late.name as subject, 'number ' || late.position || ' was consumed before number ' || s.position as what
     from consumed late
     join durable.signal s on s.run_id = late.run_id and s.name = late.name and s.position < late.position
     left join consumed early on early.run_id = s.run_id and early.name = s.name and early.position = s.position
    where early.seq is null or early.seq > late.seq`,
  `select s.run_id || ' ' || s.name as subject, 'was consumed by ' || s.consumed_by || ', which journals something else' as what
     from durable.signal s
    where s.consumed_by is not null and s.name not like 'resume:%'
      and not exists (select from durable.journal j
                       where j.run_id = s.run_id and j.key = s.consumed_by and j.kind = 'signal'
                         and s.payload::jsonb in (j.result::jsonb, j.result::jsonb -> 'payload'))`,
  `select j.run_id || ' ' || j.key as subject, 'took ' || count(s.id) || ' signals' as what
     from durable.journal j left join durable.signal s on s.run_id = j.run_id and s.consumed_by = j.key
    where j.kind = 'signal' group by j.run_id, j.key, j.result::text
   having count(s.id) <> case when j.result::text = 'null' then 0 else 1 end`,
);
