import { setTimeout as delay } from 'node:timers/promises';
import { withClient, type BenchDatabase } from '../database/bench-server.js';
import { ServerMeter } from '../measure/server-meter.js';
import type { Figures } from '../measure/statistics.js';
import { measureWindow, type Readable } from '../measure/window.js';
import type { ProcessReading } from '../processes/protocol.js';
import { SubjectClient } from '../processes/subject-client.js';
import { inFlightOf } from '../subjects/best-in-flight.js';
import { PLANS, type PlanName, type SubjectSpec } from '../subjects/subject.interface.js';
import type { Bench } from './workload.interface.js';

export interface SessionSpec {
  readonly subject: string;
  readonly role?: SubjectSpec['role'];
  readonly inFlight?: number;
  readonly steps?: SubjectSpec['steps'];
  readonly idle?: boolean;
  /** @default a fresh one, dropped in the end */
  readonly database?: BenchDatabase;
  /** @default 1 */
  readonly processes?: number;
  /** Options of Node for its processes. @default none */
  readonly nodeOptions?: readonly string[];
}

/** One engine, in processes of its own on a database of its own. */
export interface Session {
  readonly url: string;
  readonly settings: string;
  readonly clients: readonly SubjectClient[];
  readonly meter: ServerMeter;
  /** So many runs of a plan in flight, shared by the processes: warms up, then measures. */
  throughput(plan: PlanName, inFlight: number): Promise<Figures>;
}

/** How long the server may take to end the connections of a killed process. */
const GONE_WITHIN_MS = 5_000;
const POLL_MS = 50;
/** Of the time to warm up, in which an engine that waits for commits uses the CPU; a busy machine takes longer to give it. */
const WARM_CPU_SHARE = 0.3;
/** What a process takes before it does anything. */
const BOOT_CPU_MS = 1_000;
const WARM_WITHIN_MS = 8_000;
/** More runs than this begin as one wave, which has to break up before anything is steady. */
const CROWD = 1_000;
/** A busy machine may need longer; then a part of the wave is measured. */
const WAVE_WITHIN_MS = 20_000;

/** Opens a session for `work`, ends it, and resolves with what came of it and what the server counted until its end. */
export async function withSession(
  bench: Bench,
  spec: SessionSpec,
  work: (session: Session) => Promise<Figures>,
): Promise<{ figures: Figures; settings: string }> {
  const { subject, role = 'worker', steps, idle, processes = 1 } = spec;
  const { inFlight = inFlightOf(subject, bench.options) } = spec;
  const database = spec.database ?? (await bench.server.createDatabase());
  const clients: SubjectClient[] = [];
  let meter: ServerMeter | null = null;
  try {
    meter = await ServerMeter.open(database.url);
    const share = Math.max(1, Math.floor(inFlight / processes));
    let settings = '';
    while (clients.length < processes) {
      const client = new SubjectClient(spec.nodeOptions);
      clients.push(client);
      const opened = await client.ask('open', {
        subject,
        spec: { url: database.url, role, inFlight: share, steps, idle },
      });
      settings = opened.settings;
    }
    const session = openSession(bench, database.url, settings, clients, meter);
    const figures = await work(session);
    await Promise.all(clients.map((client) => client.end()));
    return { figures: { ...figures, hotShare: await hotShare(database.url) }, settings };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await meter?.close();
    if (spec.database === undefined) await database.drop();
  }
}

function openSession(
  { options }: Bench,
  url: string,
  settings: string,
  clients: readonly SubjectClient[],
  meter: ServerMeter,
): Session {
  return {
    url,
    settings,
    clients,
    meter,
    throughput: async (plan, inFlight) => {
      const share = Math.max(1, Math.floor(inFlight / clients.length));
      await Promise.all(clients.map((client) => client.ask('keepGoing', { plan, inFlight: share })));
      await delay(options.warmUpSeconds * 1000);
      const warmMs = (options.warmUpSeconds * 1000 * WARM_CPU_SHARE) / clients.length;
      await untilAll(clients, WARM_WITHIN_MS, (readings) =>
        readings.every(({ cpuMs }) => cpuMs - BOOT_CPU_MS >= warmMs),
      );
      if (inFlight > CROWD) {
        const wave = inFlight * PLANS[plan];
        await untilAll(clients, WAVE_WITHIN_MS, (readings) => sum(readings.map(({ steps }) => steps)) >= wave);
      }
      return measureWindow(meter, clients.map(readable), options.seconds);
    },
  };
}

/** Gives up waiting without a word: then a part of the beginning is measured. */
async function untilAll(
  clients: readonly SubjectClient[],
  withinMs: number,
  enough: (readings: readonly ProcessReading[]) => boolean,
): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    const readings = await Promise.all(clients.map((client) => client.ask('read', {})));
    if (enough(readings) || performance.now() > end) return;
    await delay(POLL_MS);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function readable(client: SubjectClient): Readable {
  return { read: () => client.ask('read', {}) };
}

/** Updates that touched no index, of all; the server knows when those who made them are gone. */
async function hotShare(url: string): Promise<number | null> {
  return withClient(url, async (client) => {
    const end = performance.now() + GONE_WITHIN_MS;
    while (performance.now() < end) {
      const { rows } = await client.query<{ others: number }>(
        `select count(*)::int as others from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
      );
      // The meter's connection stays.
      if (rows[0].others <= 1) break;
      await delay(POLL_MS);
    }
    const { rows } = await client.query<{ share: number | null }>(
      `select sum(n_tup_hot_upd)::float8 / nullif(sum(n_tup_upd), 0)::float8 as share from pg_stat_user_tables`,
    );
    return rows[0].share;
  });
}
