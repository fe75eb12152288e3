import { sqlInvariant } from './invariant.js';

export const transactionalEffectOnce = sqlInvariant(
  'transactional-effect-once',
  'The effect of a transactional step, and of what undoes one, is there exactly once for its journal row, and never without it.',
  `with effect as (select run_id, key, count(*)::int as times from soak.inside_effect group by 1, 2),
        journaled as (
          select j.run_id, j.key
            from durable.journal j join durable.run r on r.id = j.run_id
            join soak.unit u on u.workflow = r.workflow and u.version = r.version and u.unit = regexp_replace(j.key, '^undo:', '')
           where u.transactional and j.kind in ('step', 'undo'))
   select coalesce(e.run_id, j.run_id) || ' ' || coalesce(e.key, j.key) as subject,
          coalesce(e.times, 0) || ' effects and ' || case when j.run_id is null then 'no' else 'one' end || ' journal row' as what
     from effect e full join journaled j on j.run_id = e.run_id and j.key = e.key
    where e.times is distinct from 1 or j.run_id is null`,
);
