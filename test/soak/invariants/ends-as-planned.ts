import { sqlInvariant } from './invariant.js';

export const endsAsPlanned = sqlInvariant(
  'ends-as-planned',
  'A run ends as its plan says, or canceled if somebody asked for that; and one that completed has done every unit of its plan, as often as the plan says.',
  `select r.id || ' of ' || r.workflow || ' ' || r.version as subject,
          'is ' || r.status || ' where its plan says ' || p.ending || coalesce(': ' || r.error::text, '') as what
     from durable.run r join soak.plan p on p.workflow = r.workflow and p.version = r.version
    where r.finished_at is not null and r.status <> p.ending
      and (r.cancel is null or not (r.status = 'canceled' or (r.status = 'compensation_failed' and exists (
             select from soak.unit u where u.workflow = r.workflow and u.version = r.version and u.undo = 'always'))))`,
  `select r.id || ' ' || u.unit as subject, 'is journaled ' || count(j.key) || ' times and planned for ' || u.times as what
     from durable.run r
     join soak.unit u on u.workflow = r.workflow and u.version = r.version and u.times > 0 and not u.appended
     left join durable.journal j on j.run_id = r.id and regexp_replace(j.key, '#\\d+$', '#') = u.unit
    where r.status = 'completed' group by r.id, u.unit, u.times having count(j.key) <> u.times
    union all
   select r.id || ' ' || u.unit, 'of its branches ' || count(j.key) || ' were taken'
     from durable.run r
     join soak.unit u on u.workflow = r.workflow and u.version = r.version and u.kind = 'decision'
     left join durable.journal j on j.run_id = r.id and j.kind = 'branch' and j.key like u.node || '.%'
    where r.status = 'completed' group by r.id, u.unit having count(j.key) <> 1`,
  `select j.run_id || ' ' || j.key as subject, 'is of no plan' as what
     from durable.journal j join durable.run r on r.id = j.run_id
    where j.kind not in ('suspension', 'items') and not exists (
          select from soak.unit u where u.workflow = r.workflow and u.version = r.version
             and u.unit = regexp_replace(regexp_replace(j.key, '^undo:', ''), '#\\d+$', '#'))`,
);
