/** Covers: bounded repetition. Which errors are repeated: sqlstate.spec.ts. */
import { StoreUnavailableError } from '../../../lib/errors/index.js';
import { withRetry, type RetryOptions } from '../../../lib/storage/postgres/retry.js';

const down = Object.assign(new Error('the database system is shutting down'), { code: '57P01' });
const conflict = Object.assign(new Error('deadlock detected'), { code: '40P01' });
const duplicate = Object.assign(new Error('duplicate key'), { code: '23505' });

/** A clock that only waiting moves. */
function virtualTime(): { waits: number[]; options: Pick<RetryOptions, 'wait' | 'now' | 'random'> } {
  const waits: number[] = [];
  let time = 0;
  return {
    waits,
    options: {
      now: () => time,
      random: () => 1,
      wait: async (ms) => {
        waits.push(ms);
        time += ms;
      },
    },
  };
}

describe('withRetry', () => {
  it('returns the first success and says which attempt it is', async () => {
    const { waits, options } = virtualTime();
    const attempts: number[] = [];

    const result = await withRetry(
      'cancel a run',
      async (number) => {
        attempts.push(number);
        if (number < 3) throw number === 1 ? down : conflict;
        return 'done';
      },
      { maxElapsedMs: 10_000, ...options },
    );

    expect(result).toBe('done');
    expect(attempts).toEqual([1, 2, 3]);
    expect(waits).toEqual([25, 50]);
  });

  it('doubles the wait up to two seconds, and gives up in time with the last error', async () => {
    const { waits, options } = virtualTime();

    const failure = await withRetry('cancel a run', () => Promise.reject(down), {
      maxElapsedMs: 8_000,
      ...options,
    }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(StoreUnavailableError);
    expect((failure as StoreUnavailableError).attempts).toBe(waits.length + 1);
    expect((failure as Error).cause).toBe(down);
    expect(waits).toEqual([25, 50, 100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('passes errors on that time cannot cure', async () => {
    await expect(withRetry('x', () => Promise.reject(duplicate), { maxElapsedMs: 1_000 })).rejects.toBe(duplicate);
  });

  it('does not repeat an unknown outcome when told so', async () => {
    let attempts = 0;
    const failing = withRetry(
      'retry a run',
      () => {
        attempts += 1;
        return Promise.reject(down);
      },
      { maxElapsedMs: 1_000, repeat: ['conflict'] },
    );

    await expect(failing).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(attempts).toBe(1);
  });

  it('stops waiting when it is aborted', async () => {
    const abort = new AbortController();
    const failing = withRetry('x', () => Promise.reject(down), {
      maxElapsedMs: 60_000,
      signal: abort.signal,
      random: () => 1,
      classify: () => {
        setImmediate(() => abort.abort());
        return 'transient';
      },
    });

    await expect(failing).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});
