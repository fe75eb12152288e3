import { OneCommitAStep } from '../references/one-commit-a-step.js';
import { unnestBatches } from '../references/unnest-batches.js';
import { inFlightOf } from '../subjects/best-in-flight.js';
import { OURS, UNGROUPED } from '../subjects/subject-names.js';
import type { PlanName } from '../subjects/subject.interface.js';
import { withSession } from './session.js';
import type { Bench, Case, Column, Workload } from './workload.interface.js';

export const STEP_COLUMNS: readonly Column[] = [
  { figure: 'stepsPerSecond', title: 'steps/s', digits: 0 },
  { figure: 'nodeCpuMs', title: 'Node CPU ms', digits: 3 },
  { figure: 'postgresCpuMs', title: 'PG CPU ms', digits: 3 },
  { figure: 'cpuMs', title: 'CPU ms', digits: 3 },
  { figure: 'statements', title: 'statements', digits: 3 },
  { figure: 'commits', title: 'commits', digits: 3 },
  { figure: 'walBytes', title: 'WAL bytes', digits: 0 },
  { figure: 'hotShare', title: 'HOT', digits: 2 },
  { figure: 'rssMiB', title: 'RSS MiB', digits: 0 },
];

export const TEN_STEPS = 'ten-steps';
/** What a statement and a commit are shared by depends on it. */
const FEW = 200;
export const FEW_IN_FLIGHT = `${OURS}, ${FEW} in flight`;
export const ONE_STEP = 'one-step';
export const PLAIN_COMMITS = 'reference: INSERT, UPDATE, a commit';
export const SINGLE_STATEMENTS = 'reference: the same in one statement';
export const BATCHES = 'reference: unnest, 100 rows a commit';

export const tenSteps: Workload = {
  name: TEN_STEPS,
  title: 'Runs of ten no-op steps; figures but the first are a step',
  columns: STEP_COLUMNS,
  cases: (bench) => [...engines(bench, TEN_STEPS), ...fewInFlight(bench), ...references(bench)],
};

export const oneStep: Workload = {
  name: ONE_STEP,
  title: 'Runs of one no-op step: jobs; figures but the first are a run',
  columns: STEP_COLUMNS,
  cases: (bench) => engines(bench, ONE_STEP).filter(({ row }) => row !== UNGROUPED),
};

function engines(bench: Bench, plan: PlanName): Case[] {
  return bench.subjects.map((subject) => engine(bench, plan, subject, inFlightOf(subject, bench.options)));
}

function fewInFlight(bench: Bench): Case[] {
  if (bench.options.inFlight !== null || !bench.subjects.includes(OURS)) return [];
  return [engine(bench, TEN_STEPS, OURS, FEW, FEW_IN_FLIGHT)];
}

function engine(bench: Bench, plan: PlanName, subject: string, inFlight: number, row = subject): Case {
  return {
    row,
    measure: async () => {
      const { figures, settings } = await withSession(bench, { subject, inFlight }, (session) => {
        return session.throughput(plan, inFlight);
      });
      return { figures, settings: `${inFlight} in flight, ${settings}` };
    },
  };
}

function references({ server, options }: Bench): Case[] {
  const plain = new OneCommitAStep(server, 'transaction');
  const single = new OneCommitAStep(server, 'statement');
  return [
    { row: PLAIN_COMMITS, measure: () => plain.measure(options.seconds) },
    { row: SINGLE_STATEMENTS, measure: () => single.measure(options.seconds) },
    { row: BATCHES, measure: () => unnestBatches(server, options.seconds) },
  ];
}
