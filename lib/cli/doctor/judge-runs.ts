import type { PlanCheck } from '../../runner/plan-report.interface.js';
import type { BacklogFacts, DatabaseSurvey, SurveyedWorker } from '../../storage/contract/database-survey.contract.js';
import { lengthOf } from '../output/times.js';
import { stateOf } from '../worker-state.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** A worker that lives takes what is due within seconds, unless it is full; minutes say that it cannot keep up. */
const LATE_MS = 5 * 60_000;

export function judgeWorkers(workers: readonly SurveyedWorker[]): Finding {
  const check = 'workers';
  const alive = workers.filter((worker) => stateOf(worker) === 'alive');
  const others = workers.filter((worker) => stateOf(worker) !== 'alive');
  if (others.length > 0) {
    const named = others.map((worker) => `${worker.name} (${stateOf(worker)}, holds ${worker.held})`).join(', ');
    const fix = 'Living workers take their runs over within seconds; where there are none, start one.';
    return alive.length === 0 ? fail(check, `no worker lives: ${named}`, fix) : warn(check, named, fix);
  }
  if (alive.length === 0) return warn(check, 'no worker is registered', 'Start a process of the application.');
  const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
  const held = alive.reduce((sum, worker) => sum + worker.held, 0);
  return ok(check, `${alive.length} ${alive.length === 1 ? 'lives' : 'live'}, ${held} of ${slots} slots in use`);
}

export function judgeBacklog(backlog: readonly BacklogFacts[], workers: readonly SurveyedWorker[]): Finding {
  const check = 'backlog';
  const takes = ({ queue, workflow, version }: BacklogFacts): boolean =>
    workers.some(
      (worker) => worker.leased && worker.queue === queue && worker.workflows.includes(`${workflow}@${version}`),
    );
  const orphaned = backlog.filter((group) => !takes(group));
  if (orphaned.length > 0) {
    const named = orphaned.map(
      ({ runs, workflow, version, queue }) => `${runs} of ${workflow}@${version} in queue "${queue}"`,
    );
    return fail(
      check,
      `due, and no living worker takes them: ${named.join(', ')}`,
      'Start a worker of that queue that has the workflow and version.',
    );
  }
  const runs = backlog.reduce((sum, group) => sum + group.runs, 0);
  const oldest = Math.max(0, ...backlog.map((group) => group.oldestMs));
  const message = runs === 0 ? 'nothing is due' : `${runs} due, the oldest for ${lengthOf(oldest)}`;
  if (oldest < LATE_MS) return ok(check, message);
  return warn(check, message, 'Start more workers, or raise their concurrency.');
}

type Stopped = Awaited<ReturnType<DatabaseSurvey['stopped']>>;

export function judgeStopped(stopped: Stopped): Finding {
  const check = 'plans.stopped';
  if (stopped.length === 0) return ok(check, 'no run stands still because its plan changed');
  const named = stopped.map(({ runs, workflow, version }) => `${runs} of ${workflow}@${version}`).join(', ');
  const fix =
    'Deploy the former plan again, or move the runs with `nest-durable migrate-runs`; `explain` says what differs.';
  return fail(check, `stand still because their plan changed: ${named}`, fix);
}

/** @param checks what the application's code would do with the runs in flight; `null` without `--app`. */
export function judgePlans(checks: readonly PlanCheck[] | null): Finding {
  const check = 'plans.drift';
  if (checks === null) return ok(check, 'not compared with the code: no --app');
  const stops = named(checks, 'stops');
  const missing = named(checks, 'notRegistered');
  if (stops !== '') {
    const fix =
      'Keep the former plan as a version of its own, or move the runs; `nest-durable check-plans` says what differs.';
    return fail(check, `the code would stop ${stops}`, fix);
  }
  if (missing !== '')
    return warn(check, `the code lacks the workflow of ${missing}`, 'Keep the versions that runs are in flight of.');
  return ok(check, 'the code goes on with every run in flight');
}

function named(checks: readonly PlanCheck[], wanted: PlanCheck['verdict']): string {
  const found = checks.filter(({ verdict }) => verdict === wanted);
  return found.map(({ runs, workflow, version }) => `${runs} of ${workflow}@${version}`).join(', ');
}
