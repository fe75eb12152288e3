/**
 * Covers: what `explain` says of every state a run can be in, from facts that are written down here. How the facts are
 * gathered from a database is covered by test/integration/runner/explain.spec.ts.
 */
import type { PlanJson } from '../../../lib/definition/plan-json.js';
import { explainRun } from '../../../lib/runner/explain-run.js';
import type { RunExplanation } from '../../../lib/runner/run-explanation.interface.js';
import type { StoredRun } from '../../../lib/storage/contract/run-admin.contract.js';
import type {
  FailingUnit,
  JournalMark,
  RunFacts,
  WorkerFacts,
} from '../../../lib/storage/contract/run-facts.contract.js';

const NOW = new Date('2030-01-01T12:00:00.000Z');
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const AN_HOUR_AGO = '2030-01-01T11:00:00.000Z';
const IN_AN_HOUR = '2030-01-01T13:00:00.000Z';
const error = { name: 'Error', message: 'no carrier.', step: 'charge' };

const plan: PlanJson = {
  ...{ format: 1, name: 'order', version: 2, hash: 'h' },
  nodes: [
    { kind: 'step', name: 'charge', transactional: false, maxAttempts: 5, compensate: true },
    {
      kind: 'parallel',
      name: 'notify',
      branches: [{ name: 'sms', maxAttempts: 2, compensate: true }, { name: 'email' }],
    },
    { kind: 'forEach', name: 'pack', concurrency: 2, compensate: true },
    { kind: 'sleep', name: 'cooling', duration: { ms: 1 } },
    { kind: 'waitForSignal', name: 'approval', signal: 'approved' },
    { kind: 'waitForAny', name: 'choice', signals: ['yes', 'no'] },
    { kind: 'childWorkflow', name: 'shipment', child: 'shipment', parentClose: 'cancel' },
    { kind: 'step', name: 'close', transactional: false },
  ],
};

const nodeAt = (name: string): number => plan.nodes.findIndex((node) => node.name === name);

const pending: StoredRun = {
  ...{ id: 'R', workflow: 'order', version: 2, planHash: 'h', status: 'pending', queue: 'durable', priority: 0 },
  ...{ idempotencyKey: null, tags: [], cursor: 0, epoch: 1, deliveries: 0, retriedEpoch: 0, worker: null, dueAt: null },
  ...{ pausedAt: null, deadlineAt: null, awaiting: null, cancel: null, error: null, parentId: null, parentKey: null },
  ...{ createdAt: later(-7200), startedAt: later(-7000), updatedAt: NOW, finishedAt: null },
};

const worker: WorkerFacts = {
  ...{ id: 'W', name: 'w1', host: 'h1', pid: 7, queue: 'durable', workflows: ['order@2'], slots: 10, held: 3 },
  ...{ heartbeatAt: later(-12), expiresAt: later(3) },
};
const heldBy = 'worker "w1" (host h1, pid 7, heard of 12 s ago)';
const explainedWorker = { id: 'W', name: 'w1', host: 'h1', pid: 7, heartbeatAgeMs: 12_000 };

function explain(run: Partial<StoredRun>, facts: Partial<RunFacts> = {}): RunExplanation {
  const nothing = { holder: null, pausedBy: null, workflowPause: null, journal: [], failing: [], child: null };
  return explainRun(
    { now: NOW, plan, workers: [], ...nothing, run: { ...pending, ...run }, ...facts },
    { maxAttempts: 3 },
  );
}

const mark = (key: string, position: number, kind: JournalMark['kind'] = 'step'): JournalMark => {
  return { key, kind, position, wait: null };
};
const wait = (node: string, value: object): Partial<RunFacts> => {
  return { journal: [{ key: `wait:${node}`, kind: 'suspension', position: 0, wait: JSON.stringify(value) }] };
};
const failing = (key: string, attempts: number, final = false): FailingUnit => {
  return { key, attempts, final, error: { ...error, step: key }, failedAt: NOW };
};
/** Two of three units are to be undone yet; a skipped one never is. */
const undoing = [
  ...[
    mark('charge', 0),
    mark('notify.sms', 1, 'branch'),
    mark('notify.email', 2, 'branch'),
    mark('pack', 3, 'skipped'),
  ],
  ...[mark('items:pack', 4, 'items'), mark('pack#0', 5, 'item'), mark('undo:pack#0', 6, 'undo')],
];
const progress = { undone: 1, total: 3, undoNext: 'notify.sms' };

type Case = [
  what: string,
  run: Partial<StoredRun>,
  facts: Partial<RunFacts>,
  expected: { readonly reason: string; readonly [key: string]: unknown },
  says: string,
];

const ended: Case[] = [
  [
    'completed',
    { status: 'completed', finishedAt: new Date(AN_HOUR_AGO) },
    {},
    { reason: 'ended', at: new Date(AN_HOUR_AGO), error: null, next: 'Nothing: its results are there.' },
    `has completed at ${AN_HOUR_AGO}`,
  ],
  [
    'failed',
    { status: 'failed', error, finishedAt: new Date(AN_HOUR_AGO) },
    {},
    { reason: 'ended', error, next: expect.stringContaining('a retry goes on from there') },
    `failed in "charge" at ${AN_HOUR_AGO}: Error: no carrier`,
  ],
  [
    'canceled',
    { status: 'canceled', cancel: { reason: 'changed my mind', compensate: true } },
    {},
    { reason: 'ended' },
    'was canceled (changed my mind)',
  ],
  [
    'canceled without being undone',
    { status: 'canceled', cancel: { reason: null, compensate: false } },
    {},
    { reason: 'ended' },
    'was canceled, with nothing undone',
  ],
  [
    'terminated',
    { status: 'canceled', cancel: { reason: 'stuck', compensate: false, terminated: true } },
    {},
    { reason: 'ended' },
    'was terminated, with nothing undone (stuck)',
  ],
  [
    'not undone',
    { status: 'compensation_failed', error: { ...error, step: 'undo:charge' } },
    { journal: undoing },
    { reason: 'ended', next: expect.stringContaining('goes on undoing') },
    'failed, and undoing what it had done failed too in "undo:charge", with 1 of 3 undone: Error: no carrier',
  ],
];

const running: Partial<StoredRun> = { status: 'running', worker: 'W' };
const held: Case[] = [
  [
    'held',
    running,
    { holder: worker },
    { reason: 'held', worker: explainedWorker },
    `is at "charge", which ${heldBy} executes`,
  ],
  [
    'held by a worker whose lease has ended',
    running,
    { holder: { ...worker, expiresAt: NOW }, workers: [worker] },
    { reason: 'holder_lost', worker: explainedWorker, next: 'The living workers take its runs back within a second.' },
    `is held by ${heldBy}, whose lease has ended`,
  ],
  [
    'held by a worker that is gone, with no other there',
    running,
    {},
    {
      ...{ reason: 'holder_lost', worker: null },
      next: 'It goes on once a worker of queue "durable" is started that registers order@2.',
    },
    'is held by a worker that is gone, whose lease has ended',
  ],
  [
    'held and to be canceled',
    { ...running, cancel: { reason: 'changed my mind', compensate: true } },
    { holder: worker },
    { reason: 'canceling', cancelReason: 'changed my mind', worker: explainedWorker },
    `is to be canceled (changed my mind), and waits for "charge", which ${heldBy} executes`,
  ],
  [
    'held and being undone',
    { ...running, status: 'compensating', error },
    { holder: worker, journal: undoing },
    { reason: 'compensating', worker: explainedWorker, ...progress, next: expect.stringContaining('ends as failed') },
    `is being undone (1 of 3 done): ${heldBy} undoes "notify.sms"`,
  ],
  [
    'held and ending without being undone',
    { ...running, status: 'compensating', cancel: { reason: null, compensate: false } },
    { holder: worker, journal: [mark('charge', 0)] },
    { reason: 'compensating', undone: 0, total: 0, undoNext: null, next: expect.stringContaining('ends as canceled') },
    'is being undone (0 of 0 done)',
  ],
  [
    'held and paused',
    { ...running, pausedAt: new Date(AN_HOUR_AGO) },
    { holder: worker, pausedBy: { by: 'Ann', reason: 'a look' } },
    { reason: 'paused', target: 'run', by: 'Ann', pauseReason: 'a look', worker: explainedWorker },
    `stands still, once ${heldBy} has finished what it is at, because it was paused by Ann at ${AN_HOUR_AGO} (a look)`,
  ],
];

const pause = { workflow: 'order', pausedAt: new Date(AN_HOUR_AGO), by: null, reason: null };
const still: Case[] = [
  [
    'paused',
    { pausedAt: new Date(AN_HOUR_AGO), dueAt: NOW },
    {},
    { reason: 'paused', target: 'run', since: new Date(AN_HOUR_AGO), by: null, worker: null },
    `stands still, because it was paused at ${AN_HOUR_AGO}`,
  ],
  [
    'of a paused workflow',
    { dueAt: NOW },
    { workflowPause: { ...pause, version: null } },
    { reason: 'paused', target: 'workflow', next: expect.stringContaining('once order is unpaused') },
    `stands still, because its workflow was paused at ${AN_HOUR_AGO}`,
  ],
  [
    'of a paused version',
    { dueAt: NOW },
    { workflowPause: { ...pause, version: 2 } },
    { reason: 'paused', next: expect.stringContaining('once order@2 is unpaused') },
    `stands still, because its workflow was paused at ${AN_HOUR_AGO}`,
  ],
  [
    'stopped by a changed plan',
    {
      status: 'suspended',
      error: {
        ...{ name: 'PlanChangedError', message: 'It changed.', code: 'DURABLE_PLAN_CHANGED' },
        data: { differences: [{ change: 'removed', node: 'pay', index: 0, text: 'node 1 "pay" is gone' }] },
      },
    },
    {},
    {
      reason: 'plan_changed',
      differences: [{ change: 'removed', node: 'pay', index: 0, text: 'node 1 "pay" is gone' }],
    },
    'stands still, because its plan changed under it: node 1 "pay" is gone',
  ],
];

const since = { dueAt: new Date(AN_HOUR_AGO) };
const due: Case[] = [
  [
    'about to be taken',
    since,
    { workers: [worker] },
    { reason: 'due' },
    `is due since ${AN_HOUR_AGO}, and about to be taken`,
  ],
  [
    'of a queue that nobody serves',
    { ...since, queue: 'slow' },
    { workers: [worker] },
    { reason: 'no_worker', queue: 'slow', since: new Date(AN_HOUR_AGO) },
    `is due since ${AN_HOUR_AGO}, but no living worker serves queue "slow"; order@2 is registered by workers of: durable`,
  ],
  [
    'of an application without workers',
    since,
    {},
    { reason: 'no_worker', next: 'It is taken once a worker of queue "durable" is started that registers order@2.' },
    `is due since ${AN_HOUR_AGO}, but no living worker serves queue "durable"`,
  ],
  [
    'of a version that nobody registers',
    since,
    {
      workers: [
        { ...worker, workflows: ['order@1', 'other@2'] },
        { ...worker, queue: 'slow' },
      ],
    },
    { reason: 'not_registered', registered: ['order@1'] },
    `is due since ${AN_HOUR_AGO}, but no living worker of queue "durable" registers order@2 (registered: order@1)`,
  ],
  [
    'of busy workers',
    since,
    {
      workers: [
        { ...worker, held: 10 },
        { ...worker, held: 5, slots: 5 },
        { ...worker, workflows: [] },
      ],
    },
    { reason: 'workers_busy', workers: 2, slots: 15 },
    `is due since ${AN_HOUR_AGO}, but all 15 slots of the 2 living workers that could take it are in use`,
  ],
  [
    'to be canceled by whoever takes it',
    { ...since, status: 'suspended', cancel: { reason: null, compensate: true } },
    { workers: [worker] },
    { reason: 'canceling', worker: null },
    `is to be canceled and is due since ${AN_HOUR_AGO}, and about to be taken`,
  ],
  [
    'to be undone by whoever takes it',
    { ...since, status: 'compensating', error },
    { workers: [worker], journal: undoing },
    { reason: 'compensating', worker: null, ...progress },
    `is being undone (1 of 3 done) and is due since ${AN_HOUR_AGO}, and about to be taken`,
  ],
  [
    'to be undone, by nobody',
    { ...since, status: 'compensating', error },
    { journal: undoing },
    { reason: 'no_worker' },
    `is being undone (1 of 3 done) and is due since ${AN_HOUR_AGO}, but no living worker serves queue "durable"`,
  ],
];

const until = { dueAt: new Date(IN_AN_HOUR) };
const parked = { status: 'suspended' as const, ...until };
const waiting: Case[] = [
  [
    'delayed',
    { ...until, startedAt: null },
    {},
    { reason: 'delayed', until: new Date(IN_AN_HOUR) },
    `is not to begin before ${IN_AN_HOUR}`,
  ],
  [
    'given back',
    until,
    {},
    { reason: 'delayed' },
    `was given back by a worker after an error of the engine or the database, until ${IN_AN_HOUR}`,
  ],
  [
    'asleep',
    { ...parked, cursor: nodeAt('cooling') },
    wait('cooling', { until: IN_AN_HOUR }),
    { reason: 'sleeping', until: new Date(IN_AN_HOUR), node: { name: 'cooling', kind: 'sleep', index: 3 } },
    `sleeps until ${IN_AN_HOUR} (node "cooling")`,
  ],
  [
    'waiting for a signal',
    { ...parked, cursor: nodeAt('approval'), awaiting: ['approved'] },
    wait('approval', { until: IN_AN_HOUR, signals: ['approved'] }),
    { reason: 'waiting_for_signal', signals: ['approved'], until: new Date(IN_AN_HOUR) },
    `waits for signal "approved" until ${IN_AN_HOUR} (node "approval")`,
  ],
  [
    'waiting for one of two signals without a timeout, though the run itself has one',
    { ...parked, cursor: nodeAt('choice'), awaiting: ['yes', 'no'] },
    wait('choice', { until: null, signals: ['yes', 'no'] }),
    { reason: 'waiting_for_signal', signals: ['yes', 'no'], until: null },
    'waits for signal "yes" or "no" (node "choice")',
  ],
  [
    'waiting for a signal by a plan that is not stored',
    { ...parked, awaiting: ['approved'] },
    { plan: null },
    { reason: 'waiting_for_signal', signals: ['approved'], node: null },
    `waits for signal "approved" until ${IN_AN_HOUR}`,
  ],
  [
    'waiting for a child',
    { status: 'suspended', cursor: nodeAt('shipment') },
    {
      ...wait('shipment', { until: null, childId: 'C' }),
      child: { id: 'C', workflow: 'ship', version: 1, status: 'running' },
    },
    {
      ...{ reason: 'waiting_for_child', next: expect.stringContaining('end of the child') },
      child: { id: 'C', workflowName: 'ship', version: 1, status: 'running' },
    },
    'waits for its child C of ship@1, which is running (node "shipment")',
  ],
  [
    'waiting for a child that was purged',
    { status: 'suspended', cursor: nodeAt('shipment') },
    wait('shipment', { until: null, childId: 'C' }),
    { reason: 'parked', until: null },
    'waits for a child that does not exist any more (node "shipment")',
  ],
  [
    'suspended by its step',
    { status: 'suspended', awaiting: ['resume:close'], cursor: nodeAt('close') },
    {},
    { reason: 'waiting_for_resume', next: expect.stringContaining('A resume enters the step again') },
    'waits for resume: its step "close" is suspended',
  ],
  [
    'waiting for its next attempt',
    parked,
    { failing: [failing('charge', 2)] },
    { reason: 'waiting_for_retry', unit: 'charge', failed: 2, maxAttempts: 5, until: new Date(IN_AN_HOUR) },
    `waits for attempt 3 of 5 of "charge" at ${IN_AN_HOUR}, after Error: no carrier`,
  ],
  [
    'waiting for the attempts of two branches',
    { ...parked, cursor: nodeAt('notify') },
    { failing: [failing('notify.email', 1), failing('notify.sms', 1)] },
    { reason: 'waiting_for_retry', unit: 'notify.email', maxAttempts: 3 },
    `waits for attempt 2 of 3 of "notify.email" at ${IN_AN_HOUR}, after Error: no carrier; another part of the node failed too`,
  ],
  [
    'waiting to be undone once more',
    { ...parked, status: 'compensating', error },
    { journal: undoing, failing: [failing('undo:notify.sms', 1)] },
    { reason: 'compensating', worker: null, ...progress },
    `is being undone (1 of 3 done): the undo of "notify.sms" failed (Error: no carrier) and is attempted again at ${IN_AN_HOUR}`,
  ],
  [
    'parked by a plan that is not stored',
    parked,
    { plan: null },
    { reason: 'parked', until: new Date(IN_AN_HOUR) },
    `is parked until ${IN_AN_HOUR}, for a reason that is in a plan which is not stored`,
  ],
];

describe.each([
  ['a run that has ended', ended],
  ['a run that a worker holds', held],
  ['a run that is kept from going on', still],
  ['a run that is due', due],
  ['a run that waits', waiting],
])('%s', (_, cases) => {
  it.each(cases)('%s', (_what, run, facts, expected, says) => {
    const explanation = explain(run, facts);
    expect(explanation.summary).toBe(`Run R of order@2 ${says}.`);
    expect(explanation).toMatchObject(expected);
    expect(explanation.next).toMatch(/\.$/);
    expect(explanation).toMatchObject({ runId: 'R', workflowName: 'order', version: 2, now: NOW });
  });
});
