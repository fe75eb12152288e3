// Covers nest-durable/testing: the virtual clock, drain and advance, and with them backoffs and timeouts in workflow time.
// What retries and timeouts do to a run beyond that is in retries.spec.ts.
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { durable, DurableModule, DurableRunner } from '../../../lib/index.js';
import { DurableTesting, VirtualClock } from '../../../lib/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('virtual time', () => {
  let database: TestDatabase;
  let moduleRef: TestingModule;
  let testing: DurableTesting;
  let runner: DurableRunner;
  const attempts: Date[] = [];

  beforeAll(async () => {
    database = await createTestDatabase({ keptSessions: true });
    const clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
    const stubborn = durable('stubborn').step(
      'call',
      () => {
        attempts.push(clock.now());
        if (attempts.length < 3) throw new Error('not yet');
        return attempts.length;
      },
      { maxAttempts: 5, backoff: (failed) => failed * 86_400 },
    );
    const naps = durable('naps')
      .sleep('number', 1_000)
      .sleep('text', '1m')
      .sleep('date', new Date('2031-01-01T00:00:00Z'))
      .sleep('past', new Date('2000-01-01T00:00:00Z'))
      .sleep('asked', (ctx) => new Date(ctx.input as string));
    const stuck = durable('stuck').step('wait', () => new Promise(() => undefined), { timeout: '5m', maxAttempts: 1 });
    moduleRef = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, autoLoadEntities: true }),
        DurableModule.forRoot({ clock }),
      ],
      providers: [
        { provide: 'stubborn', useValue: stubborn },
        { provide: 'stuck', useValue: stuck },
        { provide: 'naps', useValue: naps },
      ],
    }).compile();
    await moduleRef.init();
    testing = DurableTesting.of(moduleRef);
    runner = moduleRef.get(DurableRunner);
  });

  afterAll(async () => {
    await moduleRef.close();
    await database.drop();
  });

  it('repeats attempts at the times that the backoff says, however far away', async () => {
    const run = await runner.start('stubborn');
    await testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({
      status: 'suspended',
      attempt: 2,
      wakeAt: new Date('2030-01-02T00:00:00Z'),
    });
    await testing.advance('3d');
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'completed', results: { call: 3 } });
    expect(attempts).toEqual(['2030-01-01', '2030-01-02', '2030-01-04'].map((day) => new Date(`${day}T00:00:00Z`)));
  });

  it('ends a step that never settles when its timeout has passed', async () => {
    const run = await runner.start('stuck');
    await testing.advance('4m');
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'running' });
    await testing.advance('1m');
    await expect(run.snapshot()).resolves.toMatchObject({
      status: 'failed',
      error: { name: 'StepTimeoutError', step: 'wait' },
    });
  });

  it('sleeps for a number of milliseconds, for a text, until a date, and until what a function of the context says', async () => {
    const run = await runner.start('naps', '2031-02-01T00:00:00Z');
    const began = (await run.snapshot()).createdAt.getTime();
    const wakes: (number | null)[] = [];
    for (;;) {
      await testing.drain();
      const { wakeAt, status } = await run.snapshot();
      if (status === 'completed') break;
      wakes.push(wakeAt!.getTime());
      await testing.advance(wakeAt!.getTime() - testing.now().getTime());
    }
    expect(wakes).toEqual([
      ...[began + 1_000, began + 61_000],
      ...['2031-01-01T00:00:00Z', '2031-02-01T00:00:00Z'].map((date) => Date.parse(date)),
    ]);
  });

  it('starts a delayed run when it is due, not before', async () => {
    attempts.length = 5;
    const run = await runner.start('stubborn', null, { delay: '10d' });
    await testing.advance('9d');
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'pending', startedAt: null });
    await testing.advance('1d');
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'completed' });
  });
});
