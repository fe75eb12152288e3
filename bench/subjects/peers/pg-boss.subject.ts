import { PLANS, stepResult, type PlanName, type Subject, type SubjectSpec } from '../subject.interface.js';
import { importPeer } from './peer-package.js';
import { RunEnds } from './run-ends.js';

interface StepJob {
  readonly run: number;
  readonly step: number;
  readonly steps: number;
}

interface Boss {
  on(event: 'error', listener: (error: unknown) => void): void;
  start(): Promise<unknown>;
  createQueue(name: string): Promise<void>;
  send(name: string, data: StepJob): Promise<string | null>;
  insert(jobs: readonly { name: string; data: StepJob }[]): Promise<unknown>;
  work(name: string, options: object, handler: (jobs: { data: StepJob }[]) => Promise<unknown>): Promise<string>;
  notifyWorker(id: string): void;
}

const QUEUE = 'steps';
const WORKERS = 4;
const CONNECTIONS = 20;
/** The shortest that it takes. Workers are also notified of each job, so that nothing waits for it. */
const POLLING_SECONDS = 0.5;

/** A run is a chain: the job of a step sends that of the next one. */
export async function startPgBoss({ url, role, inFlight }: SubjectSpec, onStep: () => void): Promise<Subject> {
  const { default: PgBoss } = await importPeer<{ default: new (options: object) => Boss }>('pg-boss');
  const boss = new PgBoss({ connectionString: url, max: CONNECTIONS, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE);
  const ends = new RunEnds();
  const workers: string[] = [];
  let turn = 0;
  const send = async (job: StepJob): Promise<void> => {
    await boss.send(QUEUE, job);
    if (workers.length > 0) boss.notifyWorker(workers[turn++ % workers.length]);
  };
  const step = async ({ data }: { data: StepJob }): Promise<void> => {
    onStep();
    stepResult(data.step);
    if (data.step + 1 === data.steps) ends.end(data.run);
    else await send({ ...data, step: data.step + 1 });
  };
  const batchSize = Math.max(1, Math.ceil(inFlight / WORKERS));
  const options = { batchSize, pollingIntervalSeconds: POLLING_SECONDS, priority: false };
  while (role === 'worker' && workers.length < WORKERS) {
    workers.push(await boss.work(QUEUE, options, (jobs) => Promise.all(jobs.map(step))));
  }
  const first = (plan: PlanName, run: number): StepJob => ({ run, step: 0, steps: PLANS[plan] });
  return {
    settings: `${WORKERS} workers, batchSize ${batchSize}, notified of each job, priority off, pool of ${CONNECTIONS}, maintenance off`,
    parking: null,
    run: async (plan) => {
      const { key, ended } = ends.expect();
      await send(first(plan, key));
      await ended;
    },
    start: async (plan) => {
      await boss.send(QUEUE, first(plan, -1));
    },
    startMany: async (plan, count) => {
      await boss.insert(Array.from({ length: count }, () => ({ name: QUEUE, data: first(plan, -1) })));
    },
  };
}
