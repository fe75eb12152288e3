import { setTimeout as delay } from 'node:timers/promises';
import { withClient } from '../database/bench-server.js';
import { sampleLockWaits } from '../measure/lock-waits.js';
import type { Figures } from '../measure/statistics.js';
import { measureWindow } from '../measure/window.js';
import { SubjectClient } from '../processes/subject-client.js';
import { inFlightOf } from '../subjects/best-in-flight.js';
import { OURS } from '../subjects/subject-names.js';
import { readable, withSession, type Session } from './session.js';
import { STEP_COLUMNS } from './throughput.workload.js';
import type { Bench, Case, Workload } from './workload.interface.js';

export const PROCESSES = 'processes';

const COUNTS = [1, 2, 4] as const;
/** More than the fastest machine does in warming up and measuring. */
const BACKLOG = { full: 60_000, quick: 30_000 };
const BACKLOG_PART = 10_000;

/**
 * The load of one process on several. Shared: they start what they execute, and have as many runs in flight together as one
 * has. Backlog: they claim runs that another process has started.
 */
export const processes: Workload = {
  name: PROCESSES,
  title: 'Runs of ten no-op steps by several processes',
  columns: [
    ...STEP_COLUMNS.filter(({ figure }) => figure !== 'rssMiB'),
    { figure: 'lockWaitPercent', title: 'lock waits %', digits: 2 },
    { figure: 'deadlocks', title: 'deadlocks', digits: 0 },
  ],
  cases: (bench) => [
    ...COUNTS.map((count): Case => ({ row: sharedRow(count), measure: () => measure(bench, count, share) })),
    ...COUNTS.map((count): Case => ({ row: backlogRow(count), measure: () => measure(bench, count, claim) })),
  ],
};

export function sharedRow(count: number): string {
  return count === 1 ? 'shared, 1 process' : `shared, ${count} processes`;
}

export function backlogRow(count: number): string {
  return count === 1 ? 'backlog, 1 process' : `backlog, ${count} processes`;
}

type Load = (session: Session, bench: Bench) => Promise<Figures>;

async function measure(bench: Bench, count: number, load: Load): Promise<{ figures: Figures; settings: string }> {
  const database = await bench.server.createDatabase();
  try {
    if (load === claim) await startBacklog(bench, database.url);
    const spec = { subject: OURS, database, processes: count };
    const { figures, settings } = await withSession(bench, spec, async (session) => {
      const { result, share: waits } = await sampleLockWaits(session.url, () => load(session, bench));
      return { ...result, lockWaitPercent: waits * 100 };
    });
    return { figures: { ...figures, deadlocks: await deadlocks(database.url) }, settings: `each ${settings}` };
  } finally {
    await database.drop();
  }
}

function share(session: Session, { options }: Bench): Promise<Figures> {
  return session.throughput('ten-steps', inFlightOf(OURS, options));
}

/** @throws Error when the backlog did not last: then nothing was measured. */
async function claim({ meter, clients, url }: Session, { options }: Bench): Promise<Figures> {
  await delay(options.warmUpSeconds * 1000);
  const figures = await measureWindow(meter, clients.map(readable), options.seconds);
  const left = await withClient(url, async (client) => {
    const { rows } = await client.query<{ left: boolean }>(
      `select exists (select from durable.run where status = 'pending') as left`,
    );
    return rows[0].left;
  });
  if (!left) throw new Error('the backlog of runs ended before its window did: measure with fewer --seconds');
  return figures;
}

async function startBacklog({ options }: Bench, url: string): Promise<void> {
  const starter = new SubjectClient();
  try {
    await starter.ask('open', { subject: OURS, spec: { url, role: 'starter', inFlight: 1 } });
    const runs = options.quick ? BACKLOG.quick : BACKLOG.full;
    for (let started = 0; started < runs; started += BACKLOG_PART) {
      await starter.ask('startMany', { plan: 'ten-steps', count: BACKLOG_PART });
    }
  } finally {
    await starter.end();
  }
}

function deadlocks(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ deadlocks: number }>(
      'select deadlocks::int from pg_stat_database where datname = current_database()',
    );
    return rows[0].deadlocks;
  });
}
