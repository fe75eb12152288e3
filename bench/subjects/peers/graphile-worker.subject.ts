import { PLANS, stepResult, type PlanName, type Subject, type SubjectSpec } from '../subject.interface.js';
import { importPeer } from './peer-package.js';
import { RunEnds } from './run-ends.js';

interface StepJob {
  readonly run: number;
  readonly step: number;
  readonly steps: number;
}

interface Adding {
  addJob(task: string, payload: StepJob): Promise<unknown>;
  addJobs(jobs: readonly { identifier: string; payload: StepJob }[]): Promise<unknown>;
}

interface GraphileWorker {
  readonly Logger: new (factory: () => () => void) => unknown;
  makeWorkerUtils(options: object): Promise<Adding & { migrate(): Promise<void> }>;
  run(options: object): Promise<unknown>;
}

const TASK = 'step';
const CONNECTIONS = 20;
const CONCURRENT_JOBS = 100;
/** Jobs fetched at one time. */
const LOCAL_QUEUE = 200;
/** Under load, jobs to fetch and completions gather for so long; idle, only those of one moment. */
const GATHERING_MS = 10;
/** Fewer jobs than this are waited for, unless as many as that have been announced. */
const REFETCH = { durationMs: GATHERING_MS, threshold: LOCAL_QUEUE / 2, maxAbortThreshold: 1_000 };

/** A run is a chain: the job of a step adds that of the next one. */
export async function startGraphileWorker(
  { url, role, idle = false }: SubjectSpec,
  onStep: () => void,
): Promise<Subject> {
  const { default: worker } = await importPeer<{ default: GraphileWorker }>('graphile-worker');
  const logger = new worker.Logger(() => () => {});
  const utils = await worker.makeWorkerUtils({ connectionString: url, maxPoolSize: CONNECTIONS, logger });
  await utils.migrate();
  const batchDelay = idle ? 0 : GATHERING_MS;
  const ends = new RunEnds();
  const step = async (job: StepJob, helpers: Adding): Promise<void> => {
    onStep();
    stepResult(job.step);
    if (job.step + 1 === job.steps) ends.end(job.run);
    else await helpers.addJob(TASK, { ...job, step: job.step + 1 });
  };
  if (role === 'worker') {
    await worker.run({
      connectionString: url,
      logger,
      noHandleSignals: true,
      taskList: { [TASK]: step },
      preset: {
        worker: {
          connectionString: url,
          maxPoolSize: CONNECTIONS,
          concurrentJobs: CONCURRENT_JOBS,
          localQueue: { size: LOCAL_QUEUE, ...(idle ? {} : { refetchDelay: REFETCH }) },
          completeJobBatchDelay: batchDelay,
          failJobBatchDelay: batchDelay,
        },
      },
    });
  }
  const first = (plan: PlanName, run: number): StepJob => ({ run, step: 0, steps: PLANS[plan] });
  return {
    settings: `concurrentJobs ${CONCURRENT_JOBS}, local queue ${LOCAL_QUEUE}, completions and fetches gathered for ${batchDelay} ms, pool of ${CONNECTIONS}`,
    parking: null,
    run: async (plan) => {
      const { key, ended } = ends.expect();
      await utils.addJob(TASK, first(plan, key));
      await ended;
    },
    start: async (plan) => {
      await utils.addJob(TASK, first(plan, -1));
    },
    startMany: async (plan, count) => {
      await utils.addJobs(Array.from({ length: count }, () => ({ identifier: TASK, payload: first(plan, -1) })));
    },
  };
}
