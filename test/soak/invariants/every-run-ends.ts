import { IS_KEPT_WAITING } from '../workload/kept-waiting.js';
import { sqlInvariant, type Invariant } from './invariant.js';

const UNFINISHED = `
select r.id || ' of ' || r.workflow as subject,
       'is ' || r.status || ' at node ' || r.cursor || ', due ' || coalesce(r.due_at::text, 'never') || ', held by '
         || coalesce(r.worker_id::text, 'nobody') || ', awaiting ' || coalesce(r.awaiting::text, 'nothing')
         || coalesce(': ' || r.error::text, '') as what
  from durable.run r left join durable.run p on p.id = r.parent_id
 where r.finished_at is null`;

const ended = sqlInvariant(
  'every-run-ends',
  'Once the faults have stopped, every run ends, or is parked with something that will wake it.',
  UNFINISHED,
);

/** Asked when there was time enough for all that is not kept waiting for its signals. */
export const endsInTime = sqlInvariant(
  'ends-in-time',
  'A run that nobody keeps waiting has ended soon after the faults have stopped.',
  `${UNFINISHED} and not ${IS_KEPT_WAITING}`,
);

/** Asked while runs still wait for signals that were held back: what is unfinished then must have something to wake it. */
export const everyWaitHasAnEnd = sqlInvariant(
  'every-wait-has-an-end',
  'A run that has not ended is held by a living worker, or due, or waits for a signal, a resumption or a child.',
  `select r.id || ' of ' || r.workflow as subject, 'is ' || r.status || ' at node ' || r.cursor || ' and nothing will wake it' as what
     from durable.run r
    where r.finished_at is null and r.due_at is null and r.awaiting is null
      and not exists (select from durable.worker w where w.id = r.worker_id)
      and not exists (select from durable.run c where c.parent_id = r.id and c.finished_at is null)`,
);

export const everyRunEnds: Invariant = {
  ...ended,
  check: async (evidence) => [...evidence.aftermath.sleepers, ...(await ended.check(evidence))],
};
