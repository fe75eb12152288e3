import { sqlInvariant } from './invariant.js';

export const acknowledgedStartOnce = sqlInvariant(
  'acknowledged-start-once',
  'A start that was acknowledged exists, once, under the key that it was started with; nothing runs that is not there.',
  `select l.run_id as subject, 'was acknowledged for the key ' || l.key || ' and is not there' as what
     from soak.line l
    where l.event = 'started'
      and not exists (select from durable.run r where r.id = l.run_id and r.idempotency_key = l.key)`,
  `select l.key as subject, 'was acknowledged for ' || count(distinct l.run_id) || ' runs' as what
     from soak.line l where l.event = 'started' group by l.key having count(distinct l.run_id) > 1`,
  `select r.idempotency_key as subject, 'has ' || count(*) || ' runs' as what
     from durable.run r where r.idempotency_key is not null group by 1 having count(*) > 1`,
  `select distinct l.run_id as subject, 'had an effect and is not there' as what
     from soak.line l where l.event = 'begin' and not exists (select from durable.run r where r.id = l.run_id)`,
);
