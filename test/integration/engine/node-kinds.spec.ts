// Covers every node kind on its way through a run, what each journals, what ends a loop, and how
// many items of a forEach are begun at one time. Signals against park and timeout, statement by
// statement, are in test/integration/races; crashes at every checkpoint in test/crash.
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { durable, DurableModule, DurableRunner, type DurableWorkflow } from '../../../lib/index.js';
import { DurableTesting, VirtualClock } from '../../../lib/testing/index.js';
import { Gate } from '../../support/gate.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('node kinds', () => {
  let database: TestDatabase;
  let moduleRef: TestingModule;
  let testing: DurableTesting;
  let runner: DurableRunner;
  const log: string[] = [];
  /** Where the items of `crowd` stand, one gate an item. */
  let gates: Gate[] = [];
  const items = (): readonly number[] => gates.map((_, index) => index);
  const begin = async (item: number): Promise<void> => {
    log.push(`begin ${item}`);
    await gates[item].pass();
  };
  const note =
    (what: string) =>
    (input?: unknown): void =>
      void log.push(typeof input === 'object' ? what : `${what} ${String(input)}`);

  const shipment = durable('shipment').step('book', (ctx) => ({ parcel: ctx.input.order }));
  const broken = durable('broken').step('fail', () => Promise.reject(new Error('no carrier')), { maxAttempts: 1 });
  const plans: DurableWorkflow[] = [
    shipment,
    broken,
    durable('all')
      .step('charge', () => 'charged', { compensate: note('undo charge') })
      .parallel('notify', [
        { name: 'email', handler: () => Promise.resolve('e'), compensate: note('undo email') },
        { name: 'sms', handler: () => 's' },
      ])
      .route('shipping', (ctx) => (ctx.input.express ? 'courier' : 'post'), {
        courier: () => 'by car',
        post: { handler: () => 'by foot', compensate: note('undo post') },
      })
      .loop('import', (cursor: number) => cursor + 1, {
        maxIterations: 10,
        mapInput: () => 0,
        until: (result: number) => result >= 3,
        compensate: note('undo import'),
      })
      .forEach('pack', (line: number) => line * 2, {
        items: (ctx) => ctx.input.lines,
        concurrency: 2,
        compensate: note('undo pack'),
      })
      .sleep('coolingOff', '7d')
      .waitForSignal('approval', 'approved', { timeout: '3d' })
      .waitForAny('choice', ['yes', 'no'], { timeout: '1d' })
      .childWorkflow('shipment', 'shipment', (ctx) => ({ order: ctx.input.id }))
      .step(
        'close',
        (ctx) => {
          if (ctx.input.failAtEnd) throw new Error('cannot close');
          return ctx.signal('approved');
        },
        { maxAttempts: 1 },
      ),
    durable('parent')
      .step('before', () => 1, { compensate: note('undo before') })
      .childWorkflow('child', 'broken'),
    durable('agent').step('think', (ctx) => {
      const answer = ctx.resumeData<string>();
      if (answer === undefined) return { status: 'suspended', question: 'may I?' };
      return { answer, asked: ctx.signal<{ question: string }>('think')!.question };
    }),
    durable('sagging').parallel('group', [
      { name: 'good', handler: () => Promise.resolve(1), compensate: note('undo good') },
      { name: 'bad', handler: () => Promise.reject(new Error('bad branch')), maxAttempts: 2, backoff: () => 60 },
    ]),
    durable('lost').route('where', () => 'nowhere', { here: () => 1, there: () => 2 }),
    durable('crowd').forEach('greet', begin, { items, concurrency: 3 }),
    durable('queue').forEach('greet', begin, { items }),
    durable('rounds')
      .loop('turn', (n: number) => (log.push(`turn ${n}`), n + 1), {
        maxIterations: 3,
        mapInput: (ctx) => ctx.input.from,
        feedback: (result: number) => result * 10,
        while: (ctx, iteration) => iteration < ctx.input.atMost,
        until: (result: number, iteration) => {
          log.push(`until ${result} after ${iteration}`);
          return false;
        },
      })
      .step('after', (ctx) => ctx.results.turn.length),
  ];

  beforeAll(async () => {
    database = await createTestDatabase({ keptSessions: true });
    const clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
    moduleRef = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, autoLoadEntities: true }),
        DurableModule.forRoot({ clock }),
      ],
      providers: plans.map((plan) => ({ provide: plan.name, useValue: plan })),
    }).compile();
    await moduleRef.init();
    testing = DurableTesting.of(moduleRef);
    runner = moduleRef.get(DurableRunner);
  });

  beforeEach(() => void log.splice(0));

  afterAll(async () => {
    await moduleRef.close();
    await database.drop();
  });

  const input = { id: 7, express: true, lines: [1, 2, 3] };
  const finished = {
    charge: 'charged',
    notify: { email: 'e', sms: 's' },
    shipping: { branch: 'courier', result: 'by car' },
    import: [1, 2, 3],
    pack: [2, 4, 6],
    coolingOff: null,
    approval: { by: 'Ann' },
    choice: { signal: 'no', payload: 'late' },
    shipment: { book: { parcel: 7 } },
    close: { by: 'Ann' },
  };

  it('goes through all of them, waiting where the plan says so', async () => {
    const run = await runner.start('all', input);
    await testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({
      status: 'suspended',
      currentStep: 5,
      wakeAt: new Date('2030-01-08T00:00:00Z'),
    });
    await testing.advance('7d');
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'suspended', awaitingSignal: 'approved' });
    await expect(run.signal('approved', { by: 'Ann' })).resolves.toEqual({ accepted: true, status: 'suspended' });
    await testing.drain();
    await run.signal('no', 'late');
    await testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'completed', result: finished });
  });

  it('takes a signal that came before its wait, and null after a timeout', async () => {
    const run = await runner.start('all', input);
    await testing.drain();
    await expect(run.signal('approved', { by: 'Bob' }, { id: 'once' })).resolves.toMatchObject({ accepted: false });
    await run.signal('approved', { by: 'Eve' }, { id: 'once' });
    await testing.advance('7d');
    await expect(run.snapshot()).resolves.toMatchObject({ results: { approval: { by: 'Bob' } } });
    await testing.advance('1d');
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'completed', result: { choice: null } });
  });

  it('undoes units of every kind in the reverse order of their completion', async () => {
    const run = await runner.start('all', { ...input, express: false, failAtEnd: true });
    await testing.drain();
    await testing.advance('12d');
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'failed', error: { message: 'cannot close' } });
    expect(log).toEqual([
      ...['undo pack 3', 'undo pack 2', 'undo pack 1', 'undo import 2', 'undo import 1', 'undo import 0'],
      ...['undo post', 'undo email', 'undo charge'],
    ]);
  });

  it('fails with the error of its child, and shows the child', async () => {
    const run = await runner.start('parent');
    await testing.drain();
    const snapshot = await run.snapshot({ children: true });
    expect(snapshot).toMatchObject({ status: 'failed', error: { step: 'child', cause: { message: 'no carrier' } } });
    expect(snapshot.children).toMatchObject([{ workflowName: 'broken', status: 'failed', parentRunId: run.id }]);
    expect(log).toEqual(['undo before']);
  });

  it('enters a suspended step again with what resume brings', async () => {
    const run = await runner.start('agent');
    await testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'suspended', results: {} });
    await expect(run.resume('go on')).resolves.toEqual({ accepted: true, status: 'suspended' });
    await testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({
      status: 'completed',
      result: { think: { answer: 'go on', asked: 'may I?' } },
    });
    await expect(run.resume('again')).resolves.toEqual({ accepted: false, status: 'completed' });
  });

  it('retries a branch on its own, and undoes its siblings once it has given up', async () => {
    const run = await runner.start('sagging');
    await testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'suspended', attempt: 2 });
    await testing.advance('1m');
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'failed', error: { step: 'group.bad' } });
    expect(log).toEqual(['undo good']);
  });

  it('fails a route that chooses what it does not have, at once, naming what it has', async () => {
    const run = await runner.start('lost');
    await testing.drain();
    const { error, status } = await run.snapshot();
    expect(status).toBe('failed');
    expect(error!.message).toBe(
      'Route "where" chose "nowhere", which is none of its branches: here, there. Return one of these names, or declare the branch.',
    );
  });

  it.each([
    ['crowd', 'three, where it says "concurrency: 3"', 3],
    ['queue', 'one, where it says nothing', 1],
  ])('%s: begins no more items of a forEach at one time than %s', async (workflow, _, most) => {
    gates = Array.from({ length: 10 }, () => new Gate());
    const run = await runner.start(workflow);
    for (const [item, gate] of gates.entries()) {
      const next = Math.min(item + most, gates.length);
      await Promise.all(gates.slice(0, next).map(({ reached }) => reached));
      // Whoever begins too early has done so within the turn in which the last of these began.
      await new Promise((resolve) => setImmediate(resolve));
      expect(gates.map(({ visits }) => visits)).toEqual(gates.map((_, index) => (index < next ? 1 : 0)));
      gate.open();
    }
    await testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'completed' });
    expect(log).toEqual(gates.map((_, item) => `begin ${item}`));
  });

  it.each([
    ['none, when "while" refuses the first', 0, [], []],
    ['as many as "while" lets begin', 2, [3, 31], ['turn 2', 'until 3 after 0', 'turn 30', 'until 31 after 1']],
    [
      '"maxIterations", when nothing else ends it, and the run goes on',
      9,
      [3, 31, 311],
      ['turn 2', 'until 3 after 0', 'turn 30', 'until 31 after 1', 'turn 310'],
    ],
  ])('goes round a loop no further than it may: %s', async (_, atMost, turn, calls) => {
    const run = await runner.start('rounds', { from: 2, atMost });
    await testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'completed', result: { turn, after: turn.length } });
    expect(log).toEqual(calls);
  });
});
