import { sqlInvariant } from './invariant.js';

export const outsideEffectWithinAttempts = sqlInvariant(
  'outside-effect-within-attempts',
  'An effect outside a transaction is begun at most once for each attempt and delivery, and no unit has more attempts than it declares.',
  // One that conflicts with another transaction is run again within its attempt: only those in no transaction are counted.
  `with held as (
     select h.run_id, w.pid, count(*)::int as claims
       from soak.run_history h
       join soak.worker_history w on w.worker_id = h.worker_id and w.op = 'INSERT'
      where h.worker_id is not null and h.worker_id is distinct from h.worker_before
      group by 1, 2)
   select l.run_id || ' ' || l.key as subject,
          'attempt ' || l.attempt || ' was begun ' || count(*) || ' times by process ' || l.by || ', which had the run '
            || coalesce(max(held.claims), 0) || ' times' as what
     from soak.line l
     join durable.run r on r.id = l.run_id
     left join soak.unit u on u.workflow = r.workflow and u.version = r.version and u.unit = l.unit
     left join held on held.run_id = l.run_id and held.pid = l.by
    where l.event = 'begin' and not coalesce(u.transactional, false)
    group by l.run_id, l.key, l.attempt, l.by having count(*) > coalesce(max(held.claims), 0)`,
  `select l.run_id || ' ' || l.key as subject, 'attempt ' || l.attempt || ' of at most ' || u.attempts as what
     from soak.line l
     join durable.run r on r.id = l.run_id
     join soak.unit u on u.workflow = r.workflow and u.version = r.version and u.unit = l.unit
    where l.event = 'begin' and l.key not like 'undo:%' and l.attempt > u.attempts`,
);
