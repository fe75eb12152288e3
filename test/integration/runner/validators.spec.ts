// Covers: Standard Schema validators of inputs and of signals: what they refuse is not written, what they make is stored.
// Payload rules that hold without a validator: test/unit/common/json-payload. Types: test/types/runner.ts.
import {
  durable,
  SchemaMismatchError,
  WaitForSignal,
  Workflow,
  type DurableContext,
  type SignalNameOf,
} from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { numberIn, schemaOf } from '../../support/standard-schema.js';

const apps = new DurableApps();

describe('inputs', () => {
  const order = durable('order', { schema: numberIn('total') }).step('charge', (ctx) => ctx.input);
  const strict = durable('strict', {
    schema: schemaOf(() => ({
      issues: [
        { message: 'Required.', path: [{ key: 'lines' }, { key: 2 }, 'unit price'] },
        { message: 'Unknown currency', path: ['currency'] },
        { message: 'Empty' },
      ],
    })),
  }).step('charge', () => null);

  it('are stored as the validator makes them', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const run = await runner.start('order', { total: '7', extra: true });
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ input: { total: 7 }, result: { charge: { total: 7 } } });
    const again = await runner.start('order', { total: '8' }, { idempotencyKey: 'k' });
    await expect(runner.start('order', { total: 8 }, { idempotencyKey: 'k' })).resolves.toMatchObject({ id: again.id });
  });

  it('are refused with every issue and its path, before anything is written', async () => {
    const { runner } = await apps.bootVirtual({ workflows: [order, strict] });
    const refusal = runner.start('strict', {});
    await expect(refusal).rejects.toBeInstanceOf(SchemaMismatchError);
    await expect(refusal).rejects.toMatchObject({
      message:
        'Cannot store the input of workflow "strict": $.lines[2]["unit price"] is refused by its schema (Required), ' +
        'and so are $.currency (Unknown currency), $ (Empty). Correct the value.',
      where: 'input of workflow "strict"',
      issues: [
        { path: '$.lines[2]["unit price"]', message: 'Required.' },
        { path: '$.currency', message: 'Unknown currency' },
        { path: '$', message: 'Empty' },
      ],
    });
    await expect(runner.start('order')).rejects.toThrow('$.total is refused by its schema (Expected a number)');
    await expect(runner.startAndWait('order', { total: 'x' })).rejects.toThrow('input of workflow "order": $.total');
    expect(await apps.count('run')).toBe(0);
  });

  it('of many runs are refused together, with the place of the one that is wrong', async () => {
    const { runner } = await apps.bootVirtual({ workflows: [order] });
    await expect(runner.startMany('order', [{ total: 1 }, { total: 'x' }])).rejects.toThrow(
      'Cannot store the input 1 of workflow "order": $.total is refused',
    );
    expect(await apps.count('run')).toBe(0);
    const runs = await runner.startMany('order', [{ total: '1' }, { total: 2 }]);
    expect((await runs[0].snapshot()).input).toEqual({ total: 1 });
  });

  it('of many runs are checked only when every key is there: nobody would hear of the others', async () => {
    let checks = 0;
    const counted = durable('counted', { schema: schemaOf((value) => ({ value, checks: ++checks })) }).step(
      'a',
      () => 1,
    );
    const { runner } = await apps.bootVirtual({ workflows: [counted] });
    const idempotencyKey = (input: unknown): string => (input as { id: string }).id;
    await expect(runner.startMany('counted', [{ id: 'a' }, null], { idempotencyKey })).rejects.toThrow(TypeError);
    expect(checks).toBe(0);
  });

  it('are checked by the rules of payloads after the validator has converted them', async () => {
    const dated = durable('dated', { schema: schemaOf(() => ({ value: { at: new Date() } })) }).step('a', () => null);
    const { runner } = await apps.bootVirtual({ workflows: [dated] });
    await expect(runner.start('dated', '2030-01-01')).rejects.toThrow('input of workflow "dated": $.at is a Date');
  });

  it('pass unchecked in a process that does not register the workflow', async () => {
    const { apps: both } = await apps.bootVirtual({ workflows: [order] }, { worker: false });
    const run = await both[1].runner.start('order', { total: 'x' });
    expect((await run.snapshot()).input).toEqual({ total: 'x' });
  });

  it('of children are validated before the child exists', async () => {
    const parent = durable('parent').childWorkflow('child', 'order', (ctx) => ({ total: ctx.input }));
    const { runner, testing } = await apps.bootVirtual({ workflows: [order, parent] });
    const bad = await runner.start('parent', 'x');
    const good = await runner.start('parent', '5');
    await testing.drain();
    expect(await bad.snapshot({ children: true })).toMatchObject({
      status: 'failed',
      children: [],
      error: { name: 'SchemaMismatchError', step: 'child' },
    });
    expect(await good.snapshot()).toMatchObject({ status: 'completed', result: { child: { charge: { total: 5 } } } });
  });
});

describe('payloads of signals', () => {
  const waiting = durable('waiting')
    .waitForSignal('approval', 'approved', { schema: numberIn('amount') })
    .waitForAny('choice', ['yes', 'no'], { schemas: { yes: numberIn('share') } })
    .waitForSignal('again', 'approved')
    .waitForSignal('named', (ctx) => `paid-${ctx.input}`, { schema: numberIn('paid') });

  it('are refused before anything is written, by id and by key', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [waiting] });
    const run = await runner.start('waiting', 'o1', { idempotencyKey: 'o1' });
    await testing.drain();
    const refusal =
      'Cannot store the payload of signal "approved": $.amount is refused by its schema (Expected a number)';
    await expect(run.signal('approved', { amount: 'x' })).rejects.toThrow(refusal);
    await expect(runner.signal(run.id, 'approved', {})).rejects.toThrow(refusal);
    const byKey = { workflow: 'waiting', idempotencyKey: 'o1' };
    await expect(runner.signal(byKey, 'approved', null)).rejects.toBeInstanceOf(SchemaMismatchError);
    await expect(runner.signal(byKey, 'yes', 'before its wait')).rejects.toThrow('$.share is refused');
    expect(await apps.count('signal')).toBe(0);
    expect(await run.snapshot()).toMatchObject({ status: 'suspended', awaitingSignal: 'approved' });
  });

  it('are stored as the validator of the wait that takes them makes them', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [waiting] });
    const run = await runner.start('waiting', 'o1');
    await testing.drain();
    await expect(run.signal('approved', { amount: '12' })).resolves.toMatchObject({ accepted: true });
    await testing.drain();
    await run.signal('no', 'anything');
    await testing.drain();
    await run.signal('approved', 'the later wait takes anything');
    await testing.drain();
    await expect(run.signal('paid-o1', {})).rejects.toThrow('payload of signal "paid-o1": $.paid is refused');
    await run.signal('paid-o1', { paid: '3' });
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({
      status: 'completed',
      result: {
        approval: { amount: 12 },
        choice: { signal: 'no', payload: 'anything' },
        again: 'the later wait takes anything',
        named: { paid: 3 },
      },
    });
  });

  it('are validated in the transaction that also starts the run', async () => {
    const { app, runner } = await apps.bootVirtual({ workflows: [waiting] });
    const send = (amount: unknown): Promise<unknown> =>
      app.dataSource.transaction(async (manager) => {
        const run = await runner.start('waiting', 'o1', { manager });
        return runner.signal(run.id, 'approved', { amount }, { manager });
      });
    await expect(send('x')).rejects.toBeInstanceOf(SchemaMismatchError);
    expect(await apps.count('run')).toBe(0);
    await send('5');
    expect(await apps.sql('select payload from durable.signal')).toEqual([{ payload: { amount: 5 } }]);
  });

  it('of unknown runs are those of unknown runs', async () => {
    const { runner } = await apps.bootVirtual({ workflows: [waiting] });
    const nobody = '0190f3a0-0000-7000-8000-000000000001';
    await expect(runner.signal(nobody, 'approved', {})).rejects.toThrow(nobody);
    await expect(runner.signal('nonsense', 'approved', {})).rejects.toThrow('nonsense');
  });
});

describe('signals of a class', () => {
  @Workflow('delivery')
  class DeliveryWorkflow {
    @WaitForSignal('approved', { schema: numberIn('amount') }) approval!: { amount: number };
    @WaitForSignal() delivered(ctx: DurableContext<string>): SignalNameOf<{ at: string }> {
      return `delivered-${ctx.input}`;
    }
  }

  it('may be named by the property that waits for them', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [DeliveryWorkflow] });
    const run = await runner.start(DeliveryWorkflow, 'o1', { idempotencyKey: 'o1' });
    await expect(run.signal('delivered', { at: 'noon' })).rejects.toThrow(
      'Invalid option signal name: got "delivered", expected the name that "delivered" computes: the run does not wait there now.',
    );
    await testing.drain();
    await expect(run.signal('approval', { amount: NaN })).rejects.toThrow('payload of signal "approved": $.amount');
    await expect(run.signal('approval', { amount: 3 })).resolves.toMatchObject({ accepted: true });
    await testing.drain();
    const target = { workflow: DeliveryWorkflow, idempotencyKey: 'o1' };
    await expect(runner.signal(target, 'delivered', { at: 'noon' })).resolves.toMatchObject({ accepted: true });
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({
      status: 'completed',
      result: { approval: { amount: 3 }, delivered: { at: 'noon' } },
    });
    const signals = await apps.sql('select name from durable.signal order by sent_at, name');
    expect(signals).toEqual([{ name: 'approved' }, { name: 'delivered-o1' }]);
  });
});
