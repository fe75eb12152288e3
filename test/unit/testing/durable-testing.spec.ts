/*
 * Covers what DurableTesting refuses and what it gives up, on stand-ins of engines: ten seconds of a step that hangs pass at
 * once here. What it drives: test/integration/engine/virtual-time.spec.ts.
 */
import { jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { SystemClock, type Clock } from '../../../lib/common/clock.js';
import { DURABLE_OPTIONS } from '../../../lib/durable.constants.js';
import { DurableEngine } from '../../../lib/durable.engine.js';
import { DurableTesting, VirtualClock } from '../../../lib/testing/index.js';

const shared = new VirtualClock();

function application(clock: Clock, worker: object | null = null): Promise<TestingModule> {
  return Test.createTestingModule({
    providers: [
      { provide: DURABLE_OPTIONS, useValue: { clock } },
      { provide: DurableEngine, useValue: { worker } },
    ],
  }).compile();
}

afterEach(() => void jest.useRealTimers());

it.each<[string, readonly Clock[]]>([
  ['the clock of the system', [new SystemClock()]],
  ['two virtual clocks', [shared, new VirtualClock()]],
  ['a virtual clock beside that of the system', [shared, new SystemClock()]],
])('does not drive applications with %s, and says what to give them', async (_, clocks) => {
  const applications = await Promise.all(clocks.map((clock) => application(clock)));
  expect(() => DurableTesting.of(...applications)).toThrow(
    expect.objectContaining({
      code: 'DURABLE_TESTING',
      message:
        'DurableTesting drives applications that share one virtual clock: DurableModule.forRoot({ clock: new VirtualClock() }).',
    }),
  );
});

it('gives up draining after ten seconds, and names the steps that have not finished', async () => {
  const workflow = { name: 'order', steps: [{ name: 'charge' }, { name: 'ship' }] };
  const sessions = { all: () => [0, 1, 2].map((cursor) => ({ workflow, id: `run-${cursor}`, cursor })) };
  const worker = { turns: 0, sessions, settle: () => new Promise(() => undefined) };
  const testing = DurableTesting.of(await application(shared, worker));
  jest.useFakeTimers();
  const outcome = testing.drain().catch((error: unknown) => error);
  let settled = false;
  void outcome.then(() => (settled = true));

  await jest.advanceTimersByTimeAsync(9_999);
  expect(settled).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(await outcome).toMatchObject({
    code: 'DURABLE_TESTING',
    message:
      'These steps have not finished: order.charge of run run-0, order.ship of run run-1, order.end of run run-2. ' +
      'Let them finish, or advance the clock to their timeout.',
  });
});

it('gives up on a run that makes itself due again and again', async () => {
  let turns = 0;
  const worker = {
    settle: () => Promise.resolve(),
    get turns() {
      return ++turns;
    },
  };
  const testing = DurableTesting.of(await application(shared, worker));

  await expect(testing.drain()).rejects.toMatchObject({
    code: 'DURABLE_TESTING',
    message: 'Work became due 10000 times in a row: a run repeats itself.',
  });
});
