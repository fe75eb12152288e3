// Covers: what the engine makes of an operator's orders: retry from an earlier node, skip, terminate, and their audit trail.
// What each order changes in the database: test/integration/storage/run-repair.spec.ts. Pauses: pause.spec.ts. A plain
// retry: test/integration/engine/retry-run.spec.ts.
import {
  durable,
  InvalidOptionError,
  RunFailedError,
  RunNotFoundError,
  RunNotRetryableError,
  RunNotSkippableError,
  type DurableContext,
  type DurableWorkflow,
} from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { aborted, Gate } from '../../support/gate.js';

const apps = new DurableApps();
const by = { by: 'Ann', reason: 'ticket 7' };
const NOBODY = '0190f3a0-0000-7000-8000-000000000001';

describe('retry from an earlier node', () => {
  /** Every call of a handler or an undo, with its idempotency key behind the run's id. */
  let calls: string[];
  let broken: boolean;
  let order: DurableWorkflow;
  const call = (result: unknown) => (ctx: DurableContext) => {
    calls.push(ctx.idempotencyKey.replace(ctx.runId, ''));
    return result;
  };

  beforeEach(() => {
    calls = [];
    broken = true;
    order = durable('order')
      .step('quote', call('quoted'))
      .step('charge', call('charged'), { compensate: call(null) })
      .step('mail', call('mailed'))
      .step('ship', (ctx) => {
        call(null)(ctx);
        if (broken) throw new Error('no carrier');
        return 'shipped';
      });
  });

  it('does again what was undone, under other idempotency keys, and keeps what came before', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [order], retry: { maxAttempts: 1 } });
    const run = await runner.start('order');
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'failed' });
    expect(calls).toEqual([':quote', ':charge', ':mail', ':ship', ':undo:charge']);

    calls.length = 0;
    await expect(runner.retry(run.id, { from: 'charge', ...by })).resolves.toEqual({
      accepted: true,
      status: 'pending',
    });
    await testing.drain();
    // Mail was not undone, so its services may take it for a repetition; charge was, and is charged anew.
    expect(calls).toEqual(['#2:charge', ':mail', ':ship', '#2:undo:charge']);

    calls.length = 0;
    broken = false;
    await runner.retry(run.id, { from: 'charge' });
    await testing.drain();
    expect(calls).toEqual(['#3:charge', ':mail', ':ship']);
    expect(await run.snapshot()).toMatchObject({
      status: 'completed',
      result: { quote: 'quoted', charge: 'charged', mail: 'mailed', ship: 'shipped' },
    });
    expect(await apps.count('journal_archive')).toBe(6);
  });

  it('refuses to build upon what was undone, and says from where it would work', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [order], retry: { maxAttempts: 1 } });
    const run = await runner.start('order');
    await testing.drain();
    const refusal = runner.retry(run.id, { from: 'mail' });
    await expect(refusal).rejects.toBeInstanceOf(RunNotRetryableError);
    await expect(refusal).rejects.toThrow(
      `Run ${run.id} is failed and cannot be retried: what it would build upon has been undone: charge; ` +
        'retry from "charge" or an earlier node, which does it again.',
    );
    await expect(runner.retry(run.id)).rejects.toThrow('what it would build upon has been undone: charge');
    await expect(runner.retry(run.id, { from: 'sihp' })).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(runner.retry(run.id, { from: 'sihp' })).rejects.toThrow(
      `Invalid option from: got "sihp", expected a node of the run's plan: quote, charge, mail, ship.`,
    );
    expect(await runner.operations(run.id)).toEqual([]);
  });

  it('refuses a node that the run has not reached', async () => {
    const early = durable('early')
      .step('first', () => {
        throw new Error('no');
      })
      .step('second', () => 2);
    const { runner, testing } = await apps.bootVirtual({ workflows: [early], retry: { maxAttempts: 1 } });
    const run = await runner.start('early');
    await testing.drain();
    await expect(runner.retry(run.id, { from: 'second' })).rejects.toThrow(
      'it has not reached "second"; it can go on from: first',
    );
  });

  it('starts another child, where a plain retry would find the one that failed', async () => {
    const child = durable('child').step('book', () => {
      if (broken) throw new Error('full');
      return 'booked';
    });
    const parent = durable('parent').childWorkflow('shipment', 'child');
    const { runner, testing } = await apps.bootVirtual({ workflows: [child, parent], retry: { maxAttempts: 1 } });
    const run = await runner.start('parent');
    await testing.drain();
    broken = false;
    await runner.retry(run.id);
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'failed' });
    await runner.retry(run.id, { from: 'shipment' });
    await testing.drain();
    expect(await run.snapshot({ children: true })).toMatchObject({
      status: 'completed',
      result: { shipment: { book: 'booked' } },
      children: [{ status: 'failed' }, { status: 'completed' }],
    });
  });
});

describe('skip', () => {
  const no = (): never => {
    throw new Error('no');
  };

  /** Plans whose node `node` cannot finish, each with what it has journaled by then. */
  const stuck: Record<string, (plan: DurableWorkflow) => DurableWorkflow> = {
    step: (plan) => plan.step('node', no),
    'parallel that is half done': (plan) =>
      plan.parallel('node', [
        { name: 'a', handler: () => 1 },
        { name: 'b', handler: no },
      ]),
    'route that has chosen': (plan) => plan.route('node', () => 'a', { a: no }),
    'loop that is half done': (plan) =>
      plan.loop('node', (n: number) => (n > 0 ? no() : n + 1), { maxIterations: 3, mapInput: () => 0 }),
    'forEach that is half done': (plan) =>
      plan.forEach('node', (n: number) => (n > 1 ? no() : n), { items: () => [1, 2, 3] }),
    sleep: (plan) => plan.sleep('node', '7d'),
    'wait for a signal': (plan) => plan.waitForSignal('node', 'go'),
    'wait for one of several': (plan) => plan.waitForAny('node', ['go', 'stop']),
    child: (plan) => plan.childWorkflow('node', 'waiting'),
    'suspended step': (plan) => plan.step('node', () => ({ status: 'suspended' })),
  };

  it.each(Object.keys(stuck))('gives a %s its result by hand, and goes on behind it', async (kind) => {
    const plan = stuck[kind](durable('stuck')).step('after', (ctx) => ({ seen: ctx.results.node }));
    const waiting = durable('waiting').waitForSignal('go', 'go');
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan, waiting], retry: { maxAttempts: 1 } });
    const run = await runner.start('stuck');
    await testing.drain();

    await expect(runner.skip(run.id, 'node', { by: 'hand' }, by)).resolves.toMatchObject({ accepted: true });
    await testing.drain();

    const snapshot = await run.snapshot({ journal: true, children: true });
    expect(snapshot).toMatchObject({
      status: 'completed',
      result: { node: { by: 'hand' }, after: { seen: { by: 'hand' } } },
      children: kind === 'child' ? [{ status: 'canceled', cancelReason: 'its parent ended' }] : [],
    });
    expect(snapshot.journal.find(({ key, status }) => key === 'node' && status === 'completed')).toMatchObject({
      kind: 'skipped',
    });
    expect(await runner.operations(run.id)).toMatchObject([{ action: 'skip', ...by, after: { node: 'node' } }]);
  });

  it('never undoes what was given by hand, only what was done', async () => {
    const undone: string[] = [];
    const plan = durable('partly')
      .parallel('group', [
        { name: 'done', handler: () => 1, compensate: () => void undone.push('done') },
        { name: 'late', handler: () => ({ status: 'x' }), compensate: () => void undone.push('late') },
      ])
      .waitForSignal('go', 'go')
      .step('pay', () => new Promise(() => undefined), { timeout: '1m', compensate: () => void undone.push('pay') })
      .step('end', no);
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan], retry: { maxAttempts: 2 } });
    const run = await runner.start('partly');
    await testing.drain();
    await runner.skip(run.id, 'go', 'gone');
    await testing.advance('90s');
    await runner.pause(run.id);
    await testing.advance('1m');
    await runner.unpause(run.id);
    await testing.advance('1h');
    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { step: 'pay' } });
    expect(undone).toEqual(['late', 'done']);
    await expect(runner.skip(run.id, 'pay', 1)).rejects.toThrow('what it would build upon has been undone: group');
  });

  it('does not undo a step that was skipped when the run fails later', async () => {
    const undone: string[] = [];
    const plan = durable('late')
      .step('pay', () => ({ status: 'suspended' }), { compensate: () => void undone.push('pay') })
      .step('end', no);
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan], retry: { maxAttempts: 1 } });
    const run = await runner.start('late');
    await testing.drain();
    await runner.skip(run.id, 'pay', { paid: true });
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'failed', results: { pay: { paid: true } } });
    expect(undone).toEqual([]);
  });

  it('refuses what it cannot do, with nothing written', async () => {
    const gate = new Gate();
    const plan = durable('busy')
      .step('first', () => gate.pass())
      .step('second', () => 2);
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
    const run = await runner.start('busy');
    await gate.reached;
    const held = runner.skip(run.id, 'first');
    await expect(held).rejects.toBeInstanceOf(RunNotSkippableError);
    await expect(held).rejects.toThrow('pause it first, and skip once it has been let go');
    const delayed = await runner.start('busy', null, { delay: '1d' });
    await expect(runner.skip(delayed.id, 'second')).rejects.toThrow('the run stands at "first"');
    await expect(runner.skip(delayed.id, 'first', 1n)).rejects.toThrow('Cannot store the result of "first"');
    await expect(runner.skip(NOBODY, 'first')).rejects.toBeInstanceOf(RunNotFoundError);
    await expect(runner.skip('nonsense', 'first')).rejects.toBeInstanceOf(RunNotFoundError);
    gate.open();
    await testing.drain();
    await expect(runner.skip(run.id, 'second')).rejects.toThrow(
      `Node "second" of run ${run.id} (completed) cannot be skipped: only the node that a failed or parked run stands at can be.`,
    );
    expect(await apps.count('operation')).toBe(0);
  });
});

describe('terminate', () => {
  it('stops the step that runs, undoes nothing, and tells who waits for the result', async () => {
    const gate = new Gate();
    const undone: string[] = [];
    let reason: Promise<unknown> | undefined;
    const plan = durable('long')
      .step('first', () => 1, { compensate: () => void undone.push('first') })
      .step('second', async (ctx) => {
        reason = aborted(ctx.abortSignal);
        await gate.pass();
      });
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
    const run = await runner.start('long');
    const result = run.result();
    result.catch(() => undefined);
    await gate.reached;

    await expect(runner.terminate(run.id, 'stuck', { by: 'Ann' })).resolves.toEqual({
      accepted: true,
      status: 'canceled',
    });

    expect(await reason).toMatchObject({ name: 'LeaseLostError' });
    await expect(result).rejects.toBeInstanceOf(RunFailedError);
    gate.open();
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'canceled', results: { first: 1 }, workerId: null });
    expect(undone).toEqual([]);
    expect(await runner.terminate(run.id)).toEqual({ accepted: false, status: 'canceled' });
    expect(await runner.operations(run.id)).toMatchObject([{ action: 'terminate', by: 'Ann', reason: 'stuck' }]);
  });

  it('wakes the parent, which fails with it, and lets the children follow their parentClose', async () => {
    const leaf = durable('leaf').waitForSignal('go', 'go');
    const middle = durable('middle').childWorkflow('leaf', 'leaf');
    const top = durable('top').childWorkflow('middle', 'middle');
    const { runner, testing } = await apps.bootVirtual({ workflows: [leaf, middle, top] });
    const run = await runner.start('top');
    await testing.drain();
    const [child] = (await run.snapshot({ children: true })).children;

    await runner.terminate(child.id, 'stuck');
    await testing.drain();

    expect(await run.snapshot({ children: true })).toMatchObject({
      status: 'failed',
      error: { name: 'RunFailedError', step: 'middle' },
      children: [{ status: 'canceled', children: [{ status: 'canceled', cancelReason: 'its parent ended' }] }],
    });
  });

  it('ends a child that is to be terminated with its parent', async () => {
    const child = durable('child').waitForSignal('go', 'go');
    const parent = durable('parent').childWorkflow('child', 'child', undefined, { parentClose: 'terminate' });
    const { runner, testing } = await apps.bootVirtual({ workflows: [child, parent] });
    const run = await runner.start('parent');
    await testing.drain();
    await runner.terminate(run.id);
    expect(await run.snapshot({ children: true })).toMatchObject({
      status: 'canceled',
      children: [{ status: 'canceled' }],
    });
  });
});

it('refuses names and reasons that cannot be stored', async () => {
  const { runner } = await apps.bootVirtual({ workflows: [durable('any').step('a', () => 1)] });
  await expect(runner.terminate(NOBODY, 'a\u0000b')).rejects.toBeInstanceOf(InvalidOptionError);
  await expect(runner.pause(NOBODY, { by: 'a\nb' })).rejects.toThrow('by');
  await expect(runner.retry(NOBODY)).rejects.toBeInstanceOf(RunNotFoundError);
});

describe('what an operator sends by hand', () => {
  it('stands in the audit trail, and what the application sends does not', async () => {
    const { runner, testing } = await apps.bootVirtual({
      workflows: [durable('waits').waitForSignal('approval', 'approved')],
    });
    const run = await runner.start('waits');
    await testing.drain();

    await runner.signal(run.id, 'other', 1);
    await runner.signal(run.id, 'approved', { secret: 1 }, { by: 'Ann' });
    await testing.drain();
    await runner.signal(run.id, 'approved', 2, { by: 'Ann' });

    expect(await runner.operations(run.id)).toEqual([
      expect.objectContaining({
        ...{ action: 'signal', by: 'Ann', reason: null, before: { status: 'suspended', cursor: 0 } },
        after: { status: 'suspended', cursor: 0, signal: 'approved', accepted: true },
      }),
    ]);
  });

  it('resumes a suspended step, once', async () => {
    const { runner, testing } = await apps.bootVirtual({
      workflows: [durable('asks').step('ask', (ctx) => ctx.resumeData() ?? { status: 'suspended' })],
    });
    const run = await runner.start('asks');
    await testing.drain();

    expect(await runner.resume(run.id, 'yes', { by: 'Ann' })).toMatchObject({ accepted: true });
    expect(await runner.resume(run.id, 'no', { by: 'Bob' })).toMatchObject({ accepted: false });
    await testing.drain();

    expect((await runner.find(run.id)).results).toEqual({ ask: 'yes' });
    expect(await runner.operations(run.id)).toMatchObject([{ action: 'resume', by: 'Ann', after: { accepted: true } }]);
  });
});
