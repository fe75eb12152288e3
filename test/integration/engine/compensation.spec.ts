// Covers: undoing what a failed run had completed: order, attempts, restarts, giving up, and going on after that.
// After a cancel: cancel.spec.ts. Processes killed between two undos: test/crash. Retrying forward: retry-run.spec.ts.
import { Injectable } from '@nestjs/common';
import { durable, NonRetryableError, Step, Workflow, type DurableContext } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();
const fails = (): never => {
  throw new Error('out of stock');
};
const noRetry = { maxAttempts: 1 };

it('undoes what completed in reverse order, by methods and functions, each with a key of its own', async () => {
  const log: string[] = [];

  @Injectable()
  @Workflow('trip')
  class TripWorkflow {
    private readonly own = 'this is bound';

    @Step({ compensate: 'cancelFlight' })
    flight(): { ticket: number } {
      log.push('flight');
      return { ticket: 7 };
    }
    async cancelFlight(ctx: DurableContext): Promise<void> {
      log.push(
        `cancelFlight ${ctx.results.flight.ticket} ${ctx.stepName} ${ctx.idempotencyKey === `${ctx.runId}:undo:flight`} ${this.own}`,
      );
    }

    @Step()
    mail(): void {
      log.push('mail');
    }

    @Step({
      compensate: (ctx: DurableContext) => void log.push(`cancelHotel ${ctx.input.city} attempt ${ctx.attempt}`),
    })
    hotel(): void {
      log.push('hotel');
    }

    @Step({ maxAttempts: 1, compensate: () => void log.push('never: it did not complete') })
    car(): void {
      fails();
    }
  }
  const { runner } = await apps.boot({ workflows: [TripWorkflow] });

  const run = await runner.start(TripWorkflow, { city: 'Oslo' });
  await expect(run.result()).rejects.toThrow('failed at step "car": Error: out of stock.');

  expect(log).toEqual([
    'flight',
    'mail',
    'hotel',
    'cancelHotel Oslo attempt 1',
    'cancelFlight 7 undo:flight true this is bound',
  ]);
  const snapshot = await run.snapshot({ journal: true });
  expect(snapshot).toMatchObject({ status: 'failed', error: { message: 'out of stock', step: 'car' } });
  expect(snapshot.results).toEqual({ flight: { ticket: 7 }, mail: null, hotel: null });
  expect(snapshot.journal.map(({ key, kind, status }) => `${key} ${kind} ${status}`)).toEqual([
    'flight step completed',
    'mail step completed',
    'hotel step completed',
    'car attempt failed',
    'undo:hotel undo completed',
    'undo:flight undo completed',
  ]);
});

it('ends a run that has nothing to undo as failed at once', async () => {
  const { runner } = await apps.boot({
    workflows: [
      durable('bare')
        .step('a', () => 1)
        .step('b', fails, noRetry),
    ],
  });

  const run = await runner.start('bare');
  await expect(run.result()).rejects.toThrow('out of stock');

  expect(await apps.journalKeys(run.id)).toEqual(['a']);
});

it('is compensating, parked and due while an undo waits for its next attempt, with the error that began it', async () => {
  let undos = 0;
  const plan = durable('trip')
    .step('flight', () => 1, {
      compensate: () => {
        if (++undos === 1) throw new Error('airline down');
      },
    })
    .step('hotel', fails, noRetry);
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  const run = await runner.start('trip');
  await testing.drain();
  expect(await run.snapshot()).toMatchObject({
    status: 'compensating',
    wakeAt: new Date('2030-01-01T00:00:02Z'),
    workerId: null,
    attempt: 2,
    error: { message: 'out of stock' },
  });
  await testing.advance('2s');

  expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { message: 'out of stock', step: 'hotel' } });
  expect(undos).toBe(2);
});

it('tries undos by the retry options of the module, whatever the step declares for itself', async () => {
  let undos = 0;
  const plan = durable('trip')
    .step('flight', () => 1, {
      maxAttempts: 1,
      backoff: () => 9999,
      compensate: () => {
        undos++;
        throw new Error('no');
      },
    })
    .step('hotel', fails, noRetry);
  const { runner, testing } = await apps.bootVirtual({
    retry: { maxAttempts: 4, backoff: () => 1 },
    workflows: [plan],
  });

  await runner.start('trip');
  await testing.advance('10s');

  expect(undos).toBe(4);
});

describe('an undo that gives up', () => {
  function trip(state: { broken: boolean; log: string[] }) {
    return durable('trip')
      .step('flight', () => 1, { compensate: () => void state.log.push('undo flight') })
      .step('hotel', () => 2, {
        compensate: () => {
          state.log.push('undo hotel');
          if (state.broken) throw new Error('hotel closed', { cause: new TypeError('why') });
        },
      })
      .step('car', () => 3, { compensate: () => void state.log.push('undo car') })
      .step('pay', fails, noRetry);
  }

  it('ends the run as compensation_failed: visible, with both errors, and nothing further is undone', async () => {
    const state = { broken: true, log: [] as string[] };
    const { runner, testing } = await apps.bootVirtual({
      retry: { maxAttempts: 2, backoff: () => 0 },
      workflows: [trip(state)],
    });

    const run = await runner.start('trip');
    await testing.drain();

    expect(state.log).toEqual(['undo car', 'undo hotel', 'undo hotel']);
    expect(await run.snapshot()).toMatchObject({
      status: 'compensation_failed',
      error: { message: 'hotel closed', step: 'undo:hotel', cause: { message: 'out of stock', step: 'pay' } },
    });
    await expect(run.result()).rejects.toThrow('failed, and undoing what it had done failed too at step "undo:hotel"');
    expect(await runner.list({ status: 'compensation_failed' })).toHaveLength(1);
  });

  it('goes on from there after a retry, with its attempts back, and the run fails with its first error', async () => {
    const state = { broken: true, log: [] as string[] };
    const { runner, testing } = await apps.bootVirtual({
      retry: { maxAttempts: 2, backoff: () => 0 },
      workflows: [trip(state)],
    });
    const run = await runner.start('trip');
    await testing.drain();
    state.log.length = 0;

    expect(await runner.retry(run.id)).toEqual({ accepted: true, status: 'compensating' });
    await testing.drain();
    expect(state.log).toEqual(['undo hotel', 'undo hotel']);
    expect(await run.snapshot()).toMatchObject({ status: 'compensation_failed' });
    state.broken = false;
    expect(await runner.retry(run.id)).toEqual({ accepted: true, status: 'compensating' });
    await testing.drain();

    expect(state.log).toEqual(['undo hotel', 'undo hotel', 'undo hotel', 'undo flight']);
    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { message: 'out of stock', step: 'pay' } });
    expect(await apps.journalKeys(run.id)).toEqual(['flight', 'hotel', 'car', 'undo:car', 'undo:hotel', 'undo:flight']);
  });

  it('at once on a NonRetryableError, and on a timeout after its attempts', async () => {
    const never = durable('never')
      .step('a', () => 1, { timeout: '1m', compensate: () => new Promise(() => undefined) })
      .step('b', fails, noRetry);
    const refused = durable('refused')
      .step('a', () => 1, {
        compensate: () => {
          throw new NonRetryableError('too late to cancel');
        },
      })
      .step('b', fails, noRetry);
    const { runner, testing } = await apps.bootVirtual({
      retry: { maxAttempts: 2, backoff: () => 0 },
      workflows: [never, refused],
    });

    const [timedOut, tooLate] = [await runner.start('never'), await runner.start('refused')];
    await testing.advance('5m');

    expect(await timedOut.snapshot()).toMatchObject({
      status: 'compensation_failed',
      error: { name: 'StepTimeoutError' },
    });
    expect(await tooLate.snapshot({ journal: true })).toMatchObject({
      status: 'compensation_failed',
      error: { message: 'too late to cancel' },
    });
  });
});

it('whose result is no JSON has failed; one that returns something has it journaled', async () => {
  const plan = durable('trip')
    .step('a', () => 1, { compensate: () => ({ refunded: 5 }) })
    .step('b', () => 1, { compensate: () => undefined })
    .step('c', fails, noRetry);
  const odd = durable('odd')
    .step('a', () => 1, { compensate: () => new Map() })
    .step('b', fails, noRetry);
  const { runner } = await apps.boot({ workflows: [plan, odd] });

  const run = await runner.start('trip');
  await expect(run.result()).rejects.toThrow('out of stock');
  const { journal } = await run.snapshot({ journal: true });
  expect(journal.filter(({ kind }) => kind === 'undo').map(({ key, result }) => [key, result])).toEqual([
    ['undo:b', null],
    ['undo:a', { refunded: 5 }],
  ]);
  await expect(runner.startAndWait('odd')).rejects.toThrow(
    'Cannot store the result of "undo:a" of workflow "odd": $ is a Map',
  );
});

it('goes on where it stopped when its worker dies: what is undone is not undone again', async () => {
  const log: string[] = [];
  const gate = new Gate();
  const plan = () =>
    durable('trip')
      .step('flight', () => 1, { compensate: () => void log.push('undo flight') })
      .step('hotel', () => 2, {
        compensate: async (ctx: DurableContext) => {
          log.push(`undo hotel ${ctx.idempotencyKey.slice(37)} attempt ${ctx.attempt}`);
          await gate.pass();
        },
      })
      .step('car', () => 3, { compensate: () => void log.push('undo car') })
      .step('pay', fails, noRetry);
  const {
    apps: [first, second],
    testing,
  } = await apps.bootVirtual({ workflows: [plan()] }, { workflows: [plan()] });

  const run = await first.runner.start('trip');
  await gate.reached;
  await apps.declareDead(first.workerId);
  expect(await second.runner.recover()).toBe(1);
  gate.open();
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { message: 'out of stock' } });
  expect(log).toEqual([
    'undo car',
    'undo hotel undo:hotel attempt 1',
    'undo hotel undo:hotel attempt 1',
    'undo flight',
  ]);
  expect(await apps.journalKeys(run.id)).toEqual(['flight', 'hotel', 'car', 'undo:car', 'undo:hotel', 'undo:flight']);
});

it('is handed to the next process when its own stops between two undos', async () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const gate = new Gate();
  const plan = () =>
    durable('trip')
      .step('flight', () => 1, { compensate: () => void log.push('undo flight') })
      .step('hotel', () => 2, {
        compensate: async () => {
          log.push('undo hotel');
          await gate.pass();
        },
      })
      .step('pay', fails, noRetry);
  const first = await apps.bootVirtual({ clock, worker: { shutdownTimeout: '20s' }, workflows: [plan()] });
  const run = await first.runner.start('trip');
  await gate.reached;
  const closed = first.app.close();
  gate.open();
  await closed;
  expect(await apps.runRow(run.id)).toMatchObject({ status: 'compensating', worker_id: null });

  const second = await apps.bootVirtual({ clock, workflows: [plan()] });
  await second.testing.drain();

  expect(log).toEqual(['undo hotel', 'undo flight']);
  expect(await second.runner.find(run.id)).toMatchObject({ status: 'failed' });
});

it('undoes a transactional step too, and sees what that has journaled', async () => {
  const seen: unknown[] = [];
  const plan = durable('trip')
    .step('reserve', (ctx) => ctx.manager.query('select 42 as n'), {
      transactional: true,
      compensate: (ctx) => void seen.push(ctx.results.reserve),
    })
    .step('pay', fails, noRetry);
  const { runner } = await apps.boot({ workflows: [plan] });

  await expect(runner.startAndWait('trip')).rejects.toThrow('out of stock');

  expect(seen).toEqual([[{ n: 42 }]]);
});

it('undoes nothing of a run whose failing step was retried with success', async () => {
  const log: string[] = [];
  const plan = durable('trip')
    .step('flight', () => 1, { compensate: () => void log.push('undo') })
    .step(
      'pay',
      (ctx) => {
        if (ctx.attempt === 1) fails();
        return 'paid';
      },
      { backoff: () => 0 },
    );
  const { runner } = await apps.boot({ workflows: [plan] });

  expect(await runner.startAndWait('trip')).toEqual({ flight: 1, pay: 'paid' });
  expect(log).toEqual([]);
});
