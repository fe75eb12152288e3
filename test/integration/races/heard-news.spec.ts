/*
 * Covers news that reaches a run between its look at what it waits for and its park, faster than the answer to that look:
 * the look and the news come on different connections. The same without news on the way is in signals.spec.ts and
 * children.spec.ts.
 */
import { DatabaseTime } from '../../../lib/common/database-time.js';
import { newId } from '../../../lib/common/ids.js';
import { waitKey } from '../../../lib/definition/journal-key.js';
import type { DurableWorkflow } from '../../../lib/definition/durable-workflow.js';
import type { AttemptRunner } from '../../../lib/engine/execution/attempt-runner.js';
import { ChildWorkflowExecutor } from '../../../lib/engine/execution/child-workflow.executor.js';
import type { Interruptions } from '../../../lib/engine/execution/interruptions.js';
import type { NodeExecutor } from '../../../lib/engine/execution/node-executor.js';
import type { NodeOutcome } from '../../../lib/engine/execution/node-outcome.js';
import type { RunReporter } from '../../../lib/engine/execution/run-reporter.js';
import { RunSession } from '../../../lib/engine/execution/run-session.js';
import { StepExecutor } from '../../../lib/engine/execution/step.executor.js';
import { park } from '../../../lib/engine/execution/transition.js';
import type { TransactionalAttempts } from '../../../lib/engine/execution/transactional-attempts.js';
import { WaitForSignalExecutor } from '../../../lib/engine/execution/wait-for-signal.executor.js';
import { durable } from '../../../lib/index.js';
import type { RunStore } from '../../../lib/storage/contract/run-store.contract.js';
import { VirtualClock } from '../../../lib/testing/index.js';

const SEEN = 7;
const clock = new VirtualClock();

/** A run that waits in its first node already, and has been woken seven times. */
function waiting(workflow: DurableWorkflow, suspension: { readonly key: string; readonly result: object }): RunSession {
  const run = { workflow: workflow.name, version: 1, planHash: workflow.hash, status: 'running', epoch: 2, cursor: 0 };
  const entry = { ...suspension, result: JSON.stringify(suspension.result), kind: 'suspension', position: 0 };
  return new RunSession(
    {
      ...{
        ...run,
        id: newId(),
        previousStatus: 'suspended',
        begun: true,
        redone: new Map(),
        deliveries: 1,
        wakeups: SEEN,
        cancel: null,
        input: 'null',
      },
      ...{
        error: null,
        parentId: null,
        parentKey: null,
        trace: null,
        waitedMs: 0,
        deadlineInMs: null,
        failures: new Map(),
        progress: new Map(),
      },
      journal: [{ ...entry, attempt: 1, durationMs: 0 }],
    } as ConstructorParameters<typeof RunSession>[0],
    workflow.freeze(),
    clock,
  );
}

/** Nothing is there when the run looks; something is by the time that it hears of it. */
function lookingWith(session: RunSession): RunStore {
  const look = (): Promise<null> => {
    session.learn({ outcome: 'committed', wakeups: SEEN + 1, cancel: null, paused: false });
    return Promise.resolve(null);
  };
  const child = async (): Promise<unknown> => (await look()) ?? { status: 'running' };
  return { nextSignal: look, childState: child } as unknown as RunStore;
}

describe('a park', () => {
  const none = {} as AttemptRunner;
  const cases: Record<string, [DurableWorkflow, { key: string; result: object }, (store: RunStore) => unknown]> = {
    'for a signal': [
      durable('a').waitForSignal('wait', 'go'),
      { key: waitKey('wait'), result: { until: null, signals: ['go'] } },
      (store) => new WaitForSignalExecutor(none, store, new DatabaseTime(clock)),
    ],
    'for a child': [
      durable('b').childWorkflow('wait', 'a'),
      { key: waitKey('wait'), result: { until: null, childId: newId() } },
      (store) => {
        const notStarted = () => Promise.reject(new Error('not started'));
        return new ChildWorkflowExecutor(none, store, notStarted, 'queue', {} as RunReporter);
      },
    ],
    'for a resume': [
      durable('c').step('wait', () => null),
      { key: `${waitKey('wait')}#0`, result: { status: 'suspended' } },
      (store) => new StepExecutor(none, {} as TransactionalAttempts, store, {} as Interruptions),
    ],
  };

  it.each(Object.keys(cases))('%s restates what was known before the look, not what was heard since', async (name) => {
    const [workflow, suspension, executor] = cases[name];
    const session = waiting(workflow, suspension);
    const execute = executor(lookingWith(session)) as NodeExecutor;
    const outcome = (await execute.execute(session, workflow.steps[0])) as Extract<NodeOutcome, { type: 'park' }>;
    expect(outcome.type).toBe('park');
    expect(session.wakeups).toBe(SEEN + 1);
    expect(park(session, outcome).move).toMatchObject({ status: 'suspended', held: false, ifWakeups: SEEN });
  });
});
