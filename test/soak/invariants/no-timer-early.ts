import { BACKOFF_MS } from '../workload/build-workflow.js';
import { sqlInvariant } from './invariant.js';

export const noTimerEarly = sqlInvariant(
  'no-timer-early',
  "By the database's clock, no sleep ends, no wait times out, no attempt is repeated and no run is taken before its time.",
  `select j.run_id || ' ' || j.key as subject, 'ended at ' || j.completed_at || ', before ' || (w.result ->> 'until') as what
     from durable.journal j join durable.journal w on w.run_id = j.run_id and w.key = 'wait:' || j.key
    where (j.kind = 'sleep' or (j.kind = 'signal' and j.result::text = 'null'))
      and j.completed_at < (w.result ->> 'until')::timestamptz`,
  `select h.run_id as subject, 'was taken at ' || h.at || ' and due ' || coalesce('at ' || h.due_before, 'never') as what
     from soak.run_history h
    where h.op = 'UPDATE' and h.worker_id is not null and h.worker_before is null
      and (h.due_before is null or h.due_before > h.at)`,
  // From when the handler threw, by the ledger, and not from the time of the attempt's row: one whose first writing was held up
  // on its way has the time of the second, while the first says when the next attempt is due. What was given up for its time
  // has no such line; it had failed after the time that its row says. A millisecond for the ledger's clock, and one for a
  // timer of the process.
  `select l.run_id || ' ' || l.key as subject, 'attempt ' || l.attempt || ' began '
            || round(extract(epoch from l.at - f.failed_at) * 1000) || ' ms after the one before had failed' as what
     from soak.line l
     join durable.attempt a on a.run_id = l.run_id and a.key = l.key and a.attempt = l.attempt - 1
    cross join lateral (
      select coalesce(
               (select min(t.at) from soak.line t
                 where t.event = 'fail' and t.run_id = a.run_id and t.key = a.key and t.attempt = a.attempt
                   and t.by = b.by and t.seq > b.seq),
               b.at + a.duration_ms * interval '1 millisecond') as failed_at
        from soak.line b
       where b.event = 'begin' and b.run_id = a.run_id and b.key = a.key and b.attempt = a.attempt and b.at < a.failed_at
       order by b.at desc limit 1
    ) f
    where l.event = 'begin' and l.key not like 'undo:%'
      and l.at + interval '2 milliseconds' < f.failed_at + ${BACKOFF_MS} * interval '1 millisecond'`,
);
