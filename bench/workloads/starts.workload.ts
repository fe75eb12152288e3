import type { Figures } from '../measure/statistics.js';
import { UNGROUPED } from '../subjects/subject-names.js';
import { withSession, type Session } from './session.js';
import type { Workload } from './workload.interface.js';

export const STARTS = 'starts';

const CALLERS = 32;
const MANY = 10_000;

/** How fast runs become durable where nobody executes them. */
export const starts: Workload = {
  name: STARTS,
  title: `Starts a second without a worker: ${CALLERS} callers, and ${MANY.toLocaleString('en-US')} at once`,
  columns: [
    { figure: 'startsPerSecond', title: 'starts/s', digits: 0 },
    { figure: 'manyPerSecond', title: 'at once, runs/s', digits: 0 },
  ],
  cases: (bench) =>
    bench.subjects
      .filter((name) => name !== UNGROUPED)
      .map((subject) => ({
        row: subject,
        measure: () =>
          withSession(bench, { subject, role: 'starter' }, (session) => measure(session, bench.options.seconds)),
      })),
};

/** An engine that has nothing for many at once starts them one by one, with the same callers. */
async function measure({ clients: [client] }: Session, seconds: number): Promise<Figures> {
  await client.ask('starts', { callers: CALLERS, seconds: 1 });
  const single = await client.ask('starts', { callers: CALLERS, seconds });
  const startsPerSecond = single.started / single.seconds;
  const many = await client.ask('startMany', { plan: 'one-step', count: MANY });
  return { startsPerSecond, manyPerSecond: many === null ? startsPerSecond : MANY / many.seconds };
}
