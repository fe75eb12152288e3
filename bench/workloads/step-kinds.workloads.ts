import { withClient } from '../database/bench-server.js';
import { inFlightOf } from '../subjects/best-in-flight.js';
import { OURS } from '../subjects/subject-names.js';
import type { StepKind } from '../subjects/subject.interface.js';
import { withSession } from './session.js';
import { STEP_COLUMNS } from './throughput.workload.js';
import type { Bench, Case, Workload } from './workload.interface.js';

const EFFECTS = 'create table bench_effect (run_id uuid, step int, primary key (run_id, step))';

/** Each inserts a row of the application's in the transaction that journals it. */
export const transactional: Workload = {
  name: 'transactional',
  title: 'Runs of ten transactional steps, each with an INSERT of its own',
  columns: STEP_COLUMNS,
  cases: (bench) => [ofKind(bench, 'transactional', { transactional: true }), ofKind(bench, 'no-op', {})],
};

const RESULTS: Readonly<Record<string, number>> = { '100 B': 100, '10 kB': 10_000, '200 kB': 200_000 };

export const results: Workload = {
  name: 'results',
  title: 'Runs of ten steps by the length of their results, which do not compress',
  columns: [...STEP_COLUMNS, { figure: 'mbPerSecond', title: 'MB/s', digits: 1 }],
  cases: (bench) =>
    Object.entries(RESULTS).map(([row, resultBytes]) => {
      const { measure } = ofKind(bench, row, { resultBytes });
      return {
        row,
        measure: async () => {
          const { figures, settings } = await measure();
          const mbPerSecond = ((figures.stepsPerSecond ?? 0) * resultBytes) / 1e6;
          return { figures: { ...figures, mbPerSecond }, settings };
        },
      };
    }),
};

const WAIT_MS = 50;
const WAITING = [200, 1_000] as const;

export const waiting: Workload = {
  name: 'waiting',
  title: `Runs of ten steps that wait ${WAIT_MS} ms each`,
  columns: [{ figure: 'sharePercent', title: '% of the most', digits: 1 }, ...STEP_COLUMNS],
  cases: (bench) =>
    WAITING.map((inFlight) => ({
      row: `${inFlight.toLocaleString('en-US')} in flight`,
      measure: async () => {
        const { measure } = ofKind(bench, '', { waitMs: WAIT_MS }, inFlight);
        const { figures, settings } = await measure();
        const most = (inFlight / WAIT_MS) * 1000;
        return { figures: { ...figures, sharePercent: ((figures.stepsPerSecond ?? 0) / most) * 100 }, settings };
      },
    })),
};

export const CROWD = 'crowd';
export const CROWD_NO_OPS = 'no-op steps';
const CROWD_SIZE = 10_000;
/**
 * V8 lets the heap grow to four times what lives in it where its limit is 2 GiB or more, as Node has it on machines and in
 * containers of 4 GB and more, and to twice that or less below.
 */
const SMALL_HEAP = ['--max-old-space-size=1024'];
export const CROWD_SMALL_HEAP = 'no-op steps, small heap';

export const crowd: Workload = {
  name: CROWD,
  title: `${CROWD_SIZE.toLocaleString('en-US')} runs of ten steps in flight in one process; a small heap is ${SMALL_HEAP.join(' ')}`,
  columns: [...STEP_COLUMNS, { figure: 'loopDelayP99Ms', title: 'loop p99 ms', digits: 1 }],
  cases: (bench) => [
    ofKind(bench, CROWD_NO_OPS, {}, CROWD_SIZE),
    ofKind(bench, CROWD_SMALL_HEAP, {}, CROWD_SIZE, SMALL_HEAP),
    ofKind(bench, `steps that wait ${WAIT_MS} ms`, { waitMs: WAIT_MS }, CROWD_SIZE),
  ],
};

function ofKind(
  bench: Bench,
  row: string,
  steps: StepKind,
  inFlight = inFlightOf(OURS, bench.options),
  nodeOptions: readonly string[] = [],
): Case {
  return {
    row,
    measure: () =>
      withSession(bench, { subject: OURS, inFlight, steps, nodeOptions }, async (session) => {
        if (steps.transactional) await withClient(session.url, (client) => client.query(EFFECTS));
        return session.throughput('ten-steps', inFlight);
      }),
  };
}
