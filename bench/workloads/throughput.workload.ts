import { OneCommitAStep } from '../references/one-commit-a-step.js';
import { unnestBatches } from '../references/unnest-batches.js';
import { UNGROUPED } from '../subjects/subject-names.js';
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
export const ONE_STEP = 'one-step';
export const PLAIN_COMMITS = 'reference: INSERT, UPDATE, a commit';
export const SINGLE_STATEMENTS = 'reference: the same in one statement';
export const BATCHES = 'reference: unnest, 100 rows a commit';

export const tenSteps: Workload = {
  name: TEN_STEPS,
  title: 'Runs of ten no-op steps; figures but the first are a step',
  columns: STEP_COLUMNS,
  cases: (bench) => [...engines(bench, TEN_STEPS), ...references(bench)],
};

export const oneStep: Workload = {
  name: ONE_STEP,
  title: 'Runs of one no-op step: jobs; figures but the first are a run',
  columns: STEP_COLUMNS,
  cases: (bench) => engines(bench, ONE_STEP).filter(({ row }) => row !== UNGROUPED),
};

function engines(bench: Bench, plan: PlanName): Case[] {
  const { inFlight } = bench.options;
  return bench.subjects.map((subject) => ({
    row: subject,
    measure: () => withSession(bench, { subject }, (session) => session.throughput(plan, inFlight)),
  }));
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
