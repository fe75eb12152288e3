import type { Figures, Latency } from '../measure/statistics.js';
import { UNGROUPED } from '../subjects/subject-names.js';
import { withSession, type Session } from './session.js';
import type { Bench, Case, Workload } from './workload.interface.js';

export const LATENCY = 'latency';

/** At most; a slower engine gets the time to warm up. V8 compiles for long, which a machine whose commits are fast shows. */
const WARM_UP_RUNS = 1_000;
const MEASURED = { one: 'one-step', ten: 'ten-steps' } as const;
const SHARES = ['p50', 'p95', 'p99'] as const;

/** From the call that starts a run to its result, one run at a time on an idle system. */
export const latency: Workload = {
  name: LATENCY,
  title: 'Idle: start to result in ms, of one and of ten steps; p50 also in commits of one row in the same moments',
  columns: Object.keys(MEASURED).flatMap((steps) => [
    ...SHARES.map((share) => ({ figure: `${steps}.${share}`, title: `${steps} ${share}`, digits: 2 })),
    { figure: `${steps}.commits`, title: 'commits', digits: 1 },
  ]),
  cases: engines,
};

function engines(bench: Bench): Case[] {
  const subjects = bench.subjects.filter((name) => name !== UNGROUPED);
  return subjects.map((subject) => ({
    row: subject,
    measure: () => withSession(bench, { subject, idle: true }, (session) => measure(session, bench)),
  }));
}

async function measure({ clients: [client] }: Session, { options }: Bench): Promise<Figures> {
  const { samples, seconds } = options;
  let figures: Figures = {};
  for (const [steps, plan] of Object.entries(MEASURED)) {
    await client.ask('latency', { plan, samples: WARM_UP_RUNS, seconds: options.warmUpSeconds });
    figures = { ...figures, ...named(steps, await client.ask('latency', { plan, samples, seconds })) };
  }
  return figures;
}

function named(steps: string, { run, commit }: { run: Latency; commit: Latency }): Figures {
  const shares = Object.fromEntries(SHARES.map((share) => [`${steps}.${share}`, run[share]]));
  return { ...shares, [`${steps}.commits`]: run.p50 / commit.p50, [`${steps}.commitP50`]: commit.p50 };
}
