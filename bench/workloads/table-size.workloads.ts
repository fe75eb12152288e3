import { setTimeout as delay } from 'node:timers/promises';
import { withClient, type BenchDatabase } from '../database/bench-server.js';
import { copyRun } from '../database/many-runs.js';
import { SubjectClient } from '../processes/subject-client.js';
import { inFlightOf } from '../subjects/best-in-flight.js';
import { OURS } from '../subjects/subject-names.js';
import { STEP_COLUMNS } from './throughput.workload.js';
import { withSession } from './session.js';
import type { Bench, Case, Workload } from './workload.interface.js';

export const PARKED = 'parked';
export const FINISHED = 'finished';

export const PARKED_COUNTS = { none: 0, some: 20_000, many: 1_000_000, quick: 100_000 } as const;
export const FINISHED_COUNTS = { few: 100, many: 100_000 } as const;

const POLL_MS = 20;

/** Runs that wait for a signal with a far timeout, so that all of them stand in the index of what is due. */
export const parked: Workload = {
  name: PARKED,
  title: 'Runs of ten no-op steps beside parked runs in the table',
  columns: STEP_COLUMNS,
  cases: (bench) => {
    const { none, some, many, quick } = PARKED_COUNTS;
    const counts = [none, some, bench.options.quick ? quick : many];
    return counts.map((count) => besides(bench, parkedRow(count), (url) => park(url, count)));
  },
};

export const finished: Workload = {
  name: FINISHED,
  title: 'Runs of ten no-op steps beside finished runs in the table',
  columns: STEP_COLUMNS,
  cases: (bench) =>
    Object.values(FINISHED_COUNTS).map((count) => besides(bench, finishedRow(count), (url) => finish(url, count))),
};

export function parkedRow(count: number): string {
  return `${count.toLocaleString('en-US')} parked`;
}

export function finishedRow(count: number): string {
  return `${count.toLocaleString('en-US')} finished`;
}

/** The tables take long to fill, so that one database serves all turns. */
function besides(bench: Bench, row: string, fill: (url: string) => Promise<void>): Case {
  let database: BenchDatabase | null = null;
  return {
    row,
    measure: async () => {
      if (database === null) {
        database = await bench.server.createDatabase();
        await fill(database.url);
      }
      return withSession(bench, { subject: OURS, database }, (session) =>
        session.throughput('ten-steps', inFlightOf(OURS, bench.options)),
      );
    },
    close: async () => database?.drop(),
  };
}

async function park(url: string, count: number): Promise<void> {
  await writtenByEngine(url, async (client) => {
    await client.ask('park', { count: 1 });
    await untilSuspended(url, 1);
  });
  await copyRun(url, `status = 'suspended'`, count);
}

async function finish(url: string, count: number): Promise<void> {
  await writtenByEngine(url, async (client) => {
    await client.ask('latency', { plan: 'ten-steps', samples: 1, seconds: 1 });
  });
  await copyRun(url, `status = 'completed'`, count);
}

async function writtenByEngine(url: string, work: (client: SubjectClient) => Promise<void>): Promise<void> {
  const client = new SubjectClient();
  try {
    await client.ask('open', { subject: OURS, spec: { url, role: 'worker', inFlight: 1 } });
    await work(client);
  } finally {
    await client.end();
  }
}

/** Resolves with the ids of the runs that wait, as soon as there are so many. */
export async function untilSuspended(url: string, count: number): Promise<string[]> {
  return withClient(url, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ id: string }>(`select id from durable.run where status = 'suspended'`);
      if (rows.length >= count) return rows.map(({ id }) => id);
      await delay(POLL_MS);
    }
  });
}
