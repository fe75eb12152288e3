import { PLAN_NAMES, PLANS, stepResult, type PlanName, type Subject, type SubjectSpec } from '../subject.interface.js';
import { importPeer } from './peer-package.js';
import { RunEnds } from './run-ends.js';

interface Step {
  run<T>(options: { name: string }, work: () => T): Promise<T>;
}

interface Workflow {
  readonly workflow: { readonly spec: object };
  run(input: { run: number }): Promise<unknown>;
}

interface Client {
  defineWorkflow(
    spec: { name: string },
    work: (params: { input: { run: number }; step: Step }) => Promise<void>,
  ): Workflow;
  newWorker(options: { concurrency: number }): { start(): Promise<void> };
}

interface OpenWorkflowPackage {
  readonly OpenWorkflow: new (options: { backend: unknown }) => Client;
}

interface Backends {
  readonly BackendPostgres: {
    connect(url: string, options?: object): Promise<{ stop(): Promise<void> }>;
    fromPool(pool: unknown): unknown;
  };
}

type Postgres = (url: string, options: object) => unknown;

const CONNECTIONS = 20;
const CONCURRENCY = 100;

export async function startOpenWorkflow({ url, role }: SubjectSpec, onStep: () => void): Promise<Subject> {
  const { OpenWorkflow } = await importPeer<OpenWorkflowPackage>('openworkflow');
  const { BackendPostgres } = await importPeer<Backends>('openworkflow/postgres');
  const { default: postgres } = await importPeer<{ default: Postgres & { toCamel: unknown } }>('postgres');
  const migrating = await BackendPostgres.connect(url);
  await migrating.stop();
  const pool = postgres(url, { max: CONNECTIONS, transform: { column: { from: postgres.toCamel } } });
  const client = new OpenWorkflow({ backend: BackendPostgres.fromPool(pool) });
  const ends = new RunEnds();
  const workflows = Object.fromEntries(
    PLAN_NAMES.map((plan) => {
      const work = async ({ input, step }: { input: { run: number }; step: Step }): Promise<void> => {
        for (let index = 0; index < PLANS[plan]; index++) {
          await step.run({ name: `step-${index}` }, () => (onStep(), stepResult(index)));
        }
        ends.end(input.run);
      };
      return [plan, client.defineWorkflow({ name: plan }, work)];
    }),
  ) as Record<PlanName, Workflow>;
  if (role === 'worker') await client.newWorker({ concurrency: CONCURRENCY }).start();
  return {
    settings: `worker concurrency ${CONCURRENCY}, pool of ${CONNECTIONS}`,
    startMany: null,
    parking: null,
    run: async (plan) => {
      const { key, ended } = ends.expect();
      await workflows[plan].run({ run: key });
      await ended;
    },
    start: async (plan) => {
      await workflows[plan].run({ run: -1 });
    },
  };
}
