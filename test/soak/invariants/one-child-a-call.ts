import { sqlInvariant } from './invariant.js';

export const oneChildACall = sqlInvariant(
  'one-child-a-call',
  'A call of a child makes one run, and its parent goes on only when that has completed.',
  `select r.parent_id || ' ' || r.parent_key as subject, 'has ' || count(*) || ' children' as what
     from durable.run r where r.parent_id is not null group by r.parent_id, r.parent_key having count(*) > 1`,
  `select w.run_id || ' ' || w.key as subject, 'waits for ' || (w.result ->> 'childId') || ', which is not there' as what
     from durable.journal w
    where w.kind = 'suspension' and w.result ->> 'childId' is not null
      and not exists (select from durable.run c where c.id = (w.result ->> 'childId')::uuid and c.parent_id = w.run_id)`,
  `select j.run_id || ' ' || j.key as subject, 'went on while its child was ' || coalesce(c.status, 'not there') as what
     from durable.journal j left join durable.run c on c.parent_id = j.run_id and c.parent_key = j.key
    where j.kind = 'child' and c.status is distinct from 'completed'`,
);
