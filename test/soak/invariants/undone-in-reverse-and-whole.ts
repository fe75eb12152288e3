import { sqlInvariant } from './invariant.js';

const DONE = `
  with done as (
    select r.id as run_id, r.status, r.cancel, r.parent_close, j.key, j.position, undo.position as undone_at
      from durable.run r
      join durable.journal j on j.run_id = r.id and j.kind in ('step', 'branch', 'iteration', 'item')
      join soak.unit u on u.workflow = r.workflow and u.version = r.version and u.unit = regexp_replace(j.key, '#\\d+$', '#')
      left join durable.journal undo on undo.run_id = r.id and undo.key = 'undo:' || j.key
     where u.undo is not null)`;

export const undoneInReverseAndWhole = sqlInvariant(
  'undone-in-reverse-and-whole',
  'A run that failed or was canceled has undone all that says how, the last first; one that could not has undone no earlier unit before a later one; and what completed undoes nothing.',
  `${DONE} select run_id || ' ' || key as subject, 'was not undone, and the run is ' || status as what
     from done
    where undone_at is null and status in ('failed', 'canceled') and coalesce(cancel ->> 'compensate', 'true') = 'true'`,
  `${DONE} select a.run_id || ' ' || a.key as subject, 'was undone before ' || b.key || ', which was done later' as what
     from done a join done b on b.run_id = a.run_id and b.position > a.position
    where a.undone_at is not null and (b.undone_at is null or b.undone_at > a.undone_at)`,
  `select j.run_id || ' ' || j.key as subject, 'was undone, and the run is ' || r.status as what
     from durable.journal j join durable.run r on r.id = j.run_id
    where j.kind = 'undo' and r.status not in ('failed', 'canceled', 'compensating', 'compensation_failed')`,
  `select j.run_id || ' ' || j.key as subject, 'was journaled after the run had begun to undo' as what
     from durable.journal j
    where j.kind <> 'undo'
      and j.position > (select min(u.position) from durable.journal u where u.run_id = j.run_id and u.kind = 'undo')`,
  `select j.run_id || ' ' || j.key as subject, 'undoes what was never done' as what
     from durable.journal j
    where j.kind = 'undo'
      and not exists (select from durable.journal d where d.run_id = j.run_id and 'undo:' || d.key = j.key)`,
);
