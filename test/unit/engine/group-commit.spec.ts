// Covers: how writes of many callers become batches, and what becomes of them when a batch fails. What is written, on a real
// PostgreSQL: the specs of the engine.
import { SystemClock } from '../../../lib/common/clock.js';
import { GroupCommit, type GroupCommitOptions } from '../../../lib/common/group-commit.js';
import { Deferred } from '../../../lib/common/deferred.js';
import { eventually } from '../../support/eventually.js';
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

describe('with several lanes', () => {
  /** Batches wait in the order in which they were sent, until they are let go. */
  function held(options: Partial<GroupCommitOptions<string, string>> = {}): {
    commits: GroupCommit<string, string>;
    add: (from: number, count: number) => void;
    told: string[];
    sent: string[][];
    answer: (batch: number) => Promise<void>;
  } {
    const [told, sent]: [string[], string[][]] = [[], []];
    const gates: Deferred[] = [];
    const commits = group(
      async (items) => {
        const gate = new Deferred();
        sent.push([...items]);
        gates.push(gate);
        await gate.promise;
        return items;
      },
      { lanes: 2, ...options },
    );
    const add = (from: number, count: number): void => {
      for (let n = from; n < from + count; n++) void commits.add(`${n}`).then((item) => told.push(item));
    };
    const answer = async (batch: number): Promise<void> => {
      gates[batch].resolve();
      await turn();
    };
    return { commits, add, told, sent, answer };
  }

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const sizes = (sent: readonly string[][]): number[] => sent.map((items) => items.length);

  it('sends a batch beside a small one, and no more than there are lanes', async () => {
    const { add, sent, answer } = held();
    for (const from of [0, 63, 66]) {
      add(from, from === 0 ? 63 : 3);
      await turn();
    }
    expect(sizes(sent)).toEqual([63, 3]);

    await answer(0);
    expect(sizes(sent)).toEqual([63, 3, 3]);
  });

  it('sends none beside a large one, and what gathered meanwhile with the answer, before the callers go on', async () => {
    const { add, told, sent, answer } = held({ onTaken: () => toldAtTaking.push(told.length) });
    const toldAtTaking: number[] = [];
    add(0, 64);
    await turn();
    add(64, 64);
    await turn();
    expect(sizes(sent)).toEqual([64]);

    await answer(0);
    expect(sizes(sent)).toEqual([64, 64]);
    expect(told).toHaveLength(64);
    expect(toldAtTaking).toEqual(Array<number>(128).fill(0));
  });

  it('sends a full one beside a large one, since waiting would not make it larger', async () => {
    const { add, sent, answer } = held();
    add(0, 64);
    await turn();
    add(64, 299);
    await turn();
    expect(sizes(sent)).toEqual([64]);

    add(363, 1);
    await turn();
    expect(sizes(sent)).toEqual([64, 300]);

    add(364, 300);
    await turn();
    expect(sizes(sent)).toEqual([64, 300]);
    await answer(0);
    expect(sizes(sent)).toEqual([64, 300, 300]);
  });

  it('waits for what the callers go on with when little has gathered', async () => {
    const { commits, add, sent, answer } = held();
    add(0, 63);
    await turn();
    void commits.add('alone').then(() => add(63, 63));
    await turn();
    expect(sizes(sent)).toEqual([63, 1]);
    add(200, 20);

    await answer(1);
    expect(sizes(sent)).toEqual([63, 1, 83]);
  });

  it('sends others beside a large one that takes longer than 100 ms', async () => {
    const { add, sent } = held();
    add(0, 64);
    await turn();
    add(64, 10);

    await eventually('the second batch', () => sent.length === 2);
    expect(sizes(sent)).toEqual([64, 10]);
  });

  it('never has two items of one mark in flight, and keeps their order', async () => {
    const { commits, sent, answer } = held({ orderOf: (item) => item[0] });
    for (const item of ['a1', 'a2', 'b1']) void commits.add(item);
    await turn();
    for (const item of ['a3', 'c1', 'b2']) void commits.add(item);
    await turn();
    expect(sent).toEqual([['a1', 'b1'], ['c1']]);

    await answer(1);
    expect(sent).toHaveLength(2);
    await answer(0);
    expect(sent.slice(2)).toEqual([['a2', 'b2']]);
    await answer(2);
    expect(sent.slice(3)).toEqual([['a3']]);
  });

  it('is not idle before the callers of the last batch have been told', async () => {
    const { commits, add, told, answer } = held();
    add(0, 64);
    await turn();
    let toldWhenIdle = 0;
    const idle = commits.idle().then(() => (toldWhenIdle = told.length));
    await answer(0);
    await idle;

    expect(toldWhenIdle).toBe(64);
    expect(commits.isIdle).toBe(true);
  });
});
