// Covers: how writes of many callers become batches, and what becomes of them when a batch fails. What is written, on a real
// PostgreSQL: the specs of the engine.
import { SystemClock } from '../../../lib/common/clock.js';
import { GroupCommit, type GroupCommitOptions } from '../../../lib/common/group-commit.js';
import { Gate } from '../../support/gate.js';

type Kind = 'transient' | 'rejected' | 'permanent';
const failure = (kind: Kind): Error => Object.assign(new Error(kind), { kind });

function group(
  flush: (items: readonly string[]) => Promise<readonly string[]>,
  options: Partial<GroupCommitOptions<string, string>> = {},
): GroupCommit<string, string> {
  return new GroupCommit<string, string>({
    flush,
    lanes: 1,
    clock: new SystemClock(),
    errorClass: (error) => (error as { kind: Kind }).kind,
    sizeOf: (item) => item.length,
    giveUpAfterMs: Infinity,
    ...options,
  });
}

const echo = async (items: readonly string[]): Promise<readonly string[]> => items.map((item) => `${item}!`);

it('writes what came in one turn of the event loop as one batch, and answers each caller', async () => {
  const batches: string[][] = [];
  const commits = group((items) => {
    batches.push([...items]);
    return echo(items);
  });

  expect(await Promise.all(['a', 'b', 'c'].map((item) => commits.add(item)))).toEqual(['a!', 'b!', 'c!']);
  expect(batches).toEqual([['a', 'b', 'c']]);
});

it('gathers the next batch while one is in flight', async () => {
  const gate = new Gate();
  const batches: string[][] = [];
  const commits = group(async (items) => {
    batches.push([...items]);
    if (batches.length === 1) await gate.pass();
    return echo(items);
  });

  const first = commits.add('a');
  await gate.reached;
  const rest = ['b', 'c', 'd'].map((item) => commits.add(item));
  gate.open();
  await Promise.all([first, ...rest]);

  expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
});

it('closes a batch at 300 items and at four MiB', async () => {
  const sizes: number[] = [];
  const commits = group((items) => {
    sizes.push(items.length);
    return echo(items);
  });
  await Promise.all(Array.from({ length: 1_001 }, (_, n) => commits.add(`${n}`)));
  expect(sizes).toEqual([300, 300, 300, 101]);

  const large = 'x'.repeat(3 * 1024 * 1024);
  await Promise.all([large, large, 'small'].map((item) => commits.add(item)));
  expect(sizes.slice(4)).toEqual([1, 2]);
});

it('repeats a batch after an error that passes, and tells of each', async () => {
  let calls = 0;
  const told: number[] = [];
  const commits = group(
    async (items) => {
      if (++calls < 3) throw failure('transient');
      return echo(items);
    },
    { onError: (_, items) => told.push(items) },
  );

  expect(await Promise.all([commits.add('a'), commits.add('b')])).toEqual(['a!', 'b!']);
  expect(calls).toBe(3);
  expect(told).toEqual([2, 2]);
});

it('splits a batch that is refused, until the bad item stands alone', async () => {
  const commits = group(async (items) => {
    if (items.includes('bad')) throw failure('rejected');
    return echo(items);
  });

  const items = ['a', 'b', 'c', 'bad', 'd', 'e', 'f'];
  const outcomes = await Promise.allSettled(items.map((item) => commits.add(item)));

  expect(outcomes.map(({ status }) => status)).toEqual(
    items.map((item) => (item === 'bad' ? 'rejected' : 'fulfilled')),
  );
});

it('gives up after its time, or at once for what never passes, where a time is set', async () => {
  const transient = group(() => Promise.reject(failure('transient')), { giveUpAfterMs: 0 });
  const permanent = group(() => Promise.reject(failure('permanent')), { giveUpAfterMs: 60_000 });

  await expect(transient.add('a')).rejects.toThrow('transient');
  await expect(permanent.add('a')).rejects.toThrow('permanent');
});

it('abandons what waits and what is being repeated, and works on for later items', async () => {
  let away = true;
  const gate = new Gate();
  const commits = group(async (items) => {
    if (!away) return echo(items);
    await gate.pass();
    throw failure('transient');
  });
  const inFlight = expect(commits.add('a')).rejects.toThrow('transient');
  await gate.reached;
  const waiting = expect(commits.add('b')).rejects.toThrow('the lease is gone');

  commits.abandon(new Error('the lease is gone'));
  gate.open();
  await Promise.all([inFlight, waiting]);
  away = false;

  expect(await commits.add('c')).toBe('c!');
});

it('is idle once everything has been settled', async () => {
  const gate = new Gate();
  const commits = group(async (items) => {
    await gate.pass();
    return echo(items);
  });
  await commits.idle();
  const added = commits.add('a');
  expect(commits.isIdle).toBe(false);
  const idle = commits.idle();
  gate.open();

  await Promise.all([added, idle]);
  expect(commits.isIdle).toBe(true);
});

it('says when an item must not change any more', async () => {
  const taken: string[] = [];
  const gate = new Gate();
  const commits = group(
    async (items) => {
      await gate.pass();
      return echo(items);
    },
    { onTaken: (item) => taken.push(item) },
  );
  const first = commits.add('a');
  await gate.reached;
  const second = commits.add('b');
  expect(taken).toEqual(['a']);
  gate.open();
  await Promise.all([first, second]);

  expect(taken).toEqual(['a', 'b']);
});

it('says how often it has tried what it gives up', async () => {
  const times: number[] = [];
  const commits = group(() => Promise.reject(failure('transient')), {
    giveUpAfterMs: 0,
    clock: Object.assign(new SystemClock(), { monotonic: () => times.push(0) }),
    givenUp: (error, attempts) => new Error(`${(error as Error).message}, ${attempts}`),
  });

  await expect(commits.add('a')).rejects.toThrow('transient, 1');
});
