import { PLAN_NAMES, PLANS, stepResult, type PlanName, type Subject, type SubjectSpec } from '../subject.interface.js';
import { importPeer } from './peer-package.js';

type Workflow = (run: number) => Promise<unknown>;

interface Dbos {
  readonly DBOS: {
    setConfig(config: object): void;
    registerWorkflow(work: Workflow, options: { name: string }): Workflow;
    runStep<T>(work: () => Promise<T>, options: { name: string }): Promise<T>;
    launch(): Promise<void>;
    registerQueue(name: string): Promise<unknown>;
  };
  readonly DBOSClient: {
    create(options: object): Promise<{ enqueue(options: object, ...args: unknown[]): Promise<unknown> }>;
  };
}

const APPLICATION = 'bench';
const QUEUE = 'bench';
const CONNECTIONS = 20;

/** Runs are called directly, which takes no queue; it is the fastest way that it has. */
export async function startDbos(spec: SubjectSpec, onStep: () => void): Promise<Subject> {
  const { DBOS, DBOSClient } = await importPeer<Dbos>('@dbos-inc/dbos-sdk');
  const workflows = Object.fromEntries(
    PLAN_NAMES.map((plan) => {
      const work = async (): Promise<void> => {
        for (let step = 0; step < PLANS[plan]; step++) {
          await DBOS.runStep(() => Promise.resolve((onStep(), stepResult(step))), { name: `step-${step}` });
        }
      };
      return [plan, DBOS.registerWorkflow(work, { name: plan })];
    }),
  ) as Record<PlanName, Workflow>;
  const database = { systemDatabaseUrl: spec.url, systemDatabasePoolSize: CONNECTIONS };
  DBOS.setConfig({ name: APPLICATION, ...database, logLevel: 'error', runAdminServer: false, tracingEnabled: false });
  await DBOS.launch();
  await DBOS.registerQueue(QUEUE);
  const { enqueue } = await enqueueing(DBOSClient, { ...database, applicationName: `${APPLICATION}-starter` });
  return {
    settings: spec.role === 'worker' ? `called directly, pool of ${CONNECTIONS}` : `enqueue, pool of ${CONNECTIONS}`,
    startMany: null,
    parking: null,
    run: async (plan) => {
      // As a method of the object it would be taken for one of an instance.
      const workflow = workflows[plan];
      await workflow(1);
    },
    start: enqueue,
  };
}

async function enqueueing(
  client: Dbos['DBOSClient'],
  options: object,
): Promise<{ enqueue(plan: PlanName): Promise<void> }> {
  const starter = await client.create(options);
  return {
    enqueue: async (plan) => {
      await starter.enqueue({ workflowName: plan, queueName: QUEUE }, 1);
    },
  };
}
