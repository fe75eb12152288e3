// Covers: a process that stands still between being sure of its lease and calling a handler. Processes that really stand
// still: test/crash/stalled-worker.spec.ts.
import { AttemptRunner, type AttemptResult } from '../../../lib/engine/execution/attempt-runner.js';
import type { RunReporter } from '../../../lib/engine/execution/run-reporter.js';
import type { Unit } from '../../../lib/engine/execution/unit.js';
import { LeaseLostError } from '../../../lib/errors/index.js';
import { ManualClock } from './manual-clock.double.js';
import { session } from './run-session.fixture.js';

/** An attempt whose preparation takes so long the first time; `afterwards` is what the worker finds out when it asks again. */
async function attemptOf(
  stallMs: number,
  afterwards: (lose: () => void) => void = () => undefined,
  /** How long ago the worker was sure when it is told so first. */
  toldAfterMs = 0,
) {
  const clock = new ManualClock();
  const held = session();
  const calls: number[] = [];
  const spans: string[] = [];
  let asked = 0;
  const reports = {
    attempting: () => {
      if (asked === 1) void clock.advance(stallMs);
      return { run: (call: () => unknown) => call(), end: (outcome: string) => spans.push(outcome) };
    },
  } as unknown as RunReporter;
  const confirm = (): number => {
    asked += 1;
    if (asked === 2) afterwards(() => held.lose(new LeaseLostError(held.id, 'w')));
    return clock.monotonic() - (asked === 1 ? toldAfterMs : 0);
  };
  const limits = { payloadLimit: 1_000, jobTimeoutMs: 60_000, retry: {} } as never;
  const runner = new AttemptRunner(limits, clock, {} as never, reports, confirm);
  const unit = { key: 'one', options: {}, call: () => calls.push(clock.monotonic()) } as unknown as Unit;
  const result: AttemptResult = await runner.attempt(held, unit);
  return { result, calls, spans, asked };
}

it('begins at once what was prepared in a moment', async () => {
  expect(await attemptOf(40)).toMatchObject({ result: { outcome: 'succeeded', attempt: 1 }, asked: 1 });
});

it('asks again before it begins when it stood still, and goes on when it has its run', async () => {
  const { result, calls, spans, asked } = await attemptOf(60);

  expect(result).toMatchObject({ outcome: 'succeeded', attempt: 1 });
  expect(asked).toBe(2);
  expect(calls).toHaveLength(1);
  expect(spans).toEqual(['abandoned', 'succeeded']);
});

it('asks again when the worker was sure of its lease long before the attempt was told', async () => {
  expect(await attemptOf(0, undefined, 60)).toMatchObject({ asked: 2, spans: ['abandoned', 'succeeded'] });
  expect(await attemptOf(0, undefined, 40)).toMatchObject({ asked: 1 });
});

it('begins nothing when others have the run by then', async () => {
  const { result, calls, spans } = await attemptOf(5_000, (lose) => lose());

  expect(result).toEqual({ outcome: 'abandoned' });
  expect(calls).toEqual([]);
  expect(spans).toEqual(['abandoned']);
});
