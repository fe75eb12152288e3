import { sqlInvariant, type Invariant } from './invariant.js';

const ended = sqlInvariant(
  'every-run-ends',
  'Once the faults have stopped, every run ends, or is parked with something that will wake it.',
  `select r.id || ' of ' || r.workflow as subject,
          'is ' || r.status || ' at node ' || r.cursor || ', due ' || coalesce(r.due_at::text, 'never') || ', held by '
            || coalesce(r.worker_id::text, 'nobody') || ', awaiting ' || coalesce(r.awaiting::text, 'nothing')
            || coalesce(': ' || r.error::text, '') as what
     from durable.run r where r.finished_at is null`,
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
