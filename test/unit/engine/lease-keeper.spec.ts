// Covers: the states of a lease, by a clock and a store of the test's own. On a real PostgreSQL: leases.spec.ts.
import { LeaseKeeper } from '../../../lib/engine/worker/lease-keeper.js';
import { UNLOCKED_FOR_MS, type WorkerStore } from '../../../lib/storage/contract/worker-store.contract.js';
import { ManualClock } from './manual-clock.double.js';

const LEASE_MS = 15_000;

function scene() {
  const clock = new ManualClock();
  const log: string[] = [];
  const ids: string[] = [];
  const state = {
    provenAt: 0,
    register: (): Promise<Date> => Promise.resolve(new Date()),
    renew: (): Promise<Date | null> => Promise.resolve(new Date()),
  };
  const store = {
    register: ({ id }: { id: string }) => {
      ids.push(id);
      return state.register();
    },
    renew: () => {
      log.push('renew');
      return state.renew();
    },
    get provenAt() {
      return state.provenAt;
    },
  } as unknown as WorkerStore;
  const keeper = new LeaseKeeper(store, clock, {
    name: 'w',
    queue: 'q',
    leaseMs: LEASE_MS,
    slots: 1,
    workflows: () => [],
    onHeld: () => log.push('held'),
    onLapsed: (_, reason) => log.push(`lapsed: ${reason}`),
    onTime: () => undefined,
    onError: () => log.push('error'),
  });
  return { clock, log, ids, state, keeper };
}

it('holds a lease from its start, and renews it three times in its duration', async () => {
  const { clock, log, ids, keeper } = scene();
  expect(keeper.workerId).toBeNull();

  await keeper.start();
  await clock.advance(LEASE_MS);

  expect(keeper.workerId).toBe(ids[0]);
  expect(log).toEqual(['held', 'renew', 'renew', 'renew']);
});

it('fails its start when it cannot register', async () => {
  const { keeper, state } = scene();
  state.register = () => Promise.reject(new Error('away'));

  await expect(keeper.start()).rejects.toThrow('away');
  expect(keeper.workerId).toBeNull();
});

it('takes a new lease under a new id when it was declared dead', async () => {
  const { clock, log, ids, keeper, state } = scene();
  await keeper.start();
  state.renew = () => Promise.resolve(null);
  await clock.advance(5_000);
  expect(keeper.workerId).toBeNull();
  expect(log.at(-1)).toBe('lapsed: another worker declared it dead');

  await clock.advance(250);

  expect(ids).toHaveLength(2);
  expect(keeper.workerId).toBe(ids[1]);
  expect(ids[1]).not.toBe(ids[0]);
  expect(log.at(-1)).toBe('held');
});

it('tries a failed renewal again at once, and keeps the lease if one succeeds in time', async () => {
  const { clock, log, keeper, state } = scene();
  await keeper.start();
  let failures = 0;
  state.renew = () => (++failures <= 20 ? Promise.reject(new Error('away')) : Promise.resolve(new Date()));

  await clock.advance(LEASE_MS - 100);

  expect(failures).toBeGreaterThan(20);
  expect(log.some((line) => line.startsWith('lapsed'))).toBe(false);
});

it('gives the lease up before it ends when no renewal succeeds', async () => {
  const { clock, log, keeper, state } = scene();
  await keeper.start();
  state.renew = () => Promise.reject(new Error('away'));
  state.register = () => Promise.reject(new Error('away'));

  await clock.advance(LEASE_MS * 0.89);
  expect(keeper.workerId).not.toBeNull();
  await clock.advance(LEASE_MS * 0.1);

  expect(keeper.workerId).toBeNull();
  expect(log.filter((line) => line.startsWith('lapsed'))).toEqual(['lapsed: it could not renew its lease in time']);
});

it('counts the lease from before the request, however late the answer comes', async () => {
  const { clock, keeper, state } = scene();
  await keeper.start();
  let answer!: (now: Date) => void;
  state.renew = () => new Promise((resolve) => (answer = resolve));
  await clock.advance(5_000);
  await clock.advance(8_000);
  answer(new Date());
  await clock.advance(0);
  state.renew = () => new Promise(() => undefined);
  await clock.advance(5_000);
  expect(keeper.workerId).not.toBeNull();

  await clock.advance(1_000);

  expect(keeper.workerId).toBeNull();
});

/** Renewals that hang until they are answered, and a worker that was last heard of when it began. */
async function uncertainScene() {
  const all = scene();
  await all.keeper.start();
  await all.clock.advance(UNLOCKED_FOR_MS);
  const asked: ((held: boolean | Error) => void)[] = [];
  all.state.renew = () => {
    const sentAt = all.clock.monotonic();
    return new Promise((resolve, reject) =>
      asked.push((held) => {
        if (held instanceof Error) return reject(held);
        if (held) all.state.provenAt = sentAt;
        resolve(held ? new Date() : null);
      }),
    );
  };
  return { ...all, asked };
}

function confirmed(keeper: LeaseKeeper): Promise<number> {
  return keeper.confirm() as Promise<number>;
}

it('lets work begin without a question while nobody can have taken it for dead', async () => {
  const { clock, log, keeper, state } = scene();
  await keeper.start();
  await clock.advance(UNLOCKED_FOR_MS - 1);
  expect(keeper.confirm()).toBe(clock.monotonic());

  state.provenAt = clock.monotonic();
  await clock.advance(UNLOCKED_FOR_MS - 1);

  expect(keeper.confirm()).toBe(clock.monotonic());
  expect(log).toEqual(['held']);
});

it('asks once for all that would begin when it has not been heard of for too long, and lets them begin when it is held', async () => {
  const { clock, log, keeper, asked } = await uncertainScene();

  const begun: number[] = [];
  for (const n of [1, 2]) void confirmed(keeper).then(() => begun.push(n));
  await clock.advance(0);
  expect(begun).toEqual([]);
  asked[0](true);
  await clock.advance(0);

  expect(begun).toEqual([1, 2]);
  expect(keeper.confirm()).toBe(clock.monotonic());
  expect(log).toEqual(['held', 'renew']);
});

it('says when it was sure of its lease, to those too who hear of it later', async () => {
  const { clock, keeper, asked } = await uncertainScene();
  const first = confirmed(keeper);
  const second = confirmed(keeper);
  asked[0](true);
  const sure = clock.monotonic();

  await first;
  await clock.advance(300);

  expect(await second).toBe(sure);
});

it('gives the lease up before anything begins when somebody declared it dead meanwhile', async () => {
  const { clock, log, keeper, asked } = await uncertainScene();

  const workers: (string | null)[] = [];
  void confirmed(keeper).then(() => workers.push(keeper.workerId));
  asked[0](false);
  await clock.advance(0);

  expect(workers).toEqual([null]);
  expect(log.at(-1)).toBe('lapsed: another worker declared it dead');
});

it('lets nothing begin while the database is away, until it answers or the lease is given up', async () => {
  const { clock, keeper, asked } = await uncertainScene();
  const begun: (string | null)[] = [];
  const confirm = () => void confirmed(keeper).then(() => begun.push(keeper.workerId));

  confirm();
  asked[0](new Error('away'));
  await clock.advance(0);
  await clock.advance(250);
  expect(begun).toEqual([]);
  asked.at(-1)!(true);
  await clock.advance(0);
  expect(begun).toEqual([keeper.workerId]);

  await clock.advance(UNLOCKED_FOR_MS);
  confirm();
  await clock.advance(LEASE_MS);
  asked.at(-1)!(new Error('away'));
  await clock.advance(0);
  expect(begun).toEqual([expect.any(String), null]);
});

it('does not take the answer to a question that was asked before it stood still', async () => {
  const { clock, log, keeper, asked } = await uncertainScene();
  await clock.advance(LEASE_MS / 3);
  expect(log).toEqual(['held', 'renew']);
  await clock.advance(2_000);

  const begun: string[] = [];
  void confirmed(keeper).then(() => begun.push('begun'));
  asked[0](true);
  await clock.advance(0);
  expect(begun).toEqual([]);
  asked[1](true);
  await clock.advance(0);

  expect(begun).toEqual(['begun']);
});

it('lets work begin on an answer that took longer than it proves anything', async () => {
  const { clock, keeper, asked } = await uncertainScene();
  const begun: string[] = [];
  void confirmed(keeper).then(() => begun.push('begun'));
  await clock.advance(UNLOCKED_FOR_MS + 100);

  asked[0](true);
  await clock.advance(0);

  expect(begun).toEqual(['begun']);
});

it('asks again when it stood still before it heard the answer: its connection may be gone since', async () => {
  const { clock, log, keeper, asked } = await uncertainScene();
  const begun: string[] = [];
  void confirmed(keeper).then(() => begun.push('begun'));

  asked[0](true);
  clock.standStill(UNLOCKED_FOR_MS);
  await clock.advance(0);
  expect(begun).toEqual([]);
  expect(log).toEqual(['held', 'renew', 'renew']);
  asked[1](true);
  await clock.advance(0);

  expect(begun).toEqual(['begun']);
});

it('leaves no timer behind when it stops, and nothing that comes later begins a lease', async () => {
  const { clock, log, keeper, state } = scene();
  await keeper.start();
  let answer!: (now: Date | null) => void;
  state.renew = () => new Promise((resolve) => (answer = resolve));
  await clock.advance(5_000);

  keeper.stop();
  answer(null);
  await clock.advance(60_000);

  expect(keeper.workerId).toBeNull();
  expect(clock.pending).toBe(0);
  expect(log).toEqual(['held', 'renew']);
});
