// Covers: how waiting for results is organised. With real runs and processes: result.spec.ts of the integration tests.
import { jest } from '@jest/globals';
import { Deferred } from '../../../lib/common/deferred.js';
import { ResultTimeoutError, RunFailedError, RunNotFoundError, ShutdownError } from '../../../lib/errors/index.js';
import { outcomeOf, ResultWaiter, type News, type RunEnding } from '../../../lib/runner/result-waiter.js';
import type { RunAdmin } from '../../../lib/storage/contract/run-admin.contract.js';
import { ManualClock, settled } from '../engine/manual-clock.double.js';

function scene(ids: readonly string[] = ['a', 'b']) {
  const clock = new ManualClock();
  const asked: (readonly string[])[] = [];
  const ended = new Set<string>();
  const state = { failing: false };
  const find = jest.fn((id: string): Promise<unknown> => {
    const status = ended.has(id) ? 'completed' : 'running';
    return Promise.resolve(ids.includes(id) ? { id, workflow: 'w', status, error: null } : null);
  });
  const admin = {
    find,
    journal: (id: string) => Promise.resolve([{ key: 'said', kind: 'step', result: JSON.stringify(id) }]),
    ended: (runIds: readonly string[]) => {
      asked.push(runIds);
      if (state.failing) return Promise.reject(new Error('away'));
      return Promise.resolve(runIds.filter((id) => ended.has(id)).map((id) => ({ id, status: 'completed' })));
    },
  } as unknown as RunAdmin;
  const held = new Set<string>();
  return {
    clock,
    asked,
    ended,
    held,
    admin,
    find,
    state,
    waiter: new ResultWaiter(admin, clock, (id) => held.has(id)),
  };
}

const ending = (id: string, status: RunEnding['status'] = 'completed'): RunEnding => {
  return { id, workflow: 'w', status, error: null, results: () => ({ here: id }) };
};

const nobody = (): void => undefined;

it('resolves without the database for a run that ends here', async () => {
  const { waiter } = scene();
  const results = Promise.all([waiter.result('a', null), waiter.result('a', null)]);
  await settled();

  waiter.ended(ending('a'));

  expect(await results).toEqual([{ here: 'a' }, { here: 'a' }]);
});

it('asks for all runs that are waited for in one question a second, and for none once nobody waits', async () => {
  const { clock, asked, ended, waiter } = scene();
  const results = Promise.all([waiter.result('a', null), waiter.result('b', null)]);
  await settled();
  asked.length = 0;
  await clock.advance(1_000);
  expect(asked).toEqual([['a', 'b']]);

  ended.add('a').add('b');
  await clock.advance(1_000);

  expect(await results).toEqual([{ said: 'a' }, { said: 'b' }]);
  expect(clock.pending).toBe(0);
});

it('does not ask for runs that this process executes because others ended, but does every second', async () => {
  const { clock, asked, held, waiter } = scene();
  waiter.expect('a', nobody);
  waiter.expect('b', nobody);
  held.add('a');
  waiter.look();
  await clock.advance(50);
  expect(asked).toEqual([['b']]);

  held.add('b');
  waiter.look();
  await clock.advance(50);
  expect(asked).toHaveLength(1);

  await clock.advance(1_000);
  expect(asked.slice(1)).toEqual([['a', 'b']]);
});

it('looks for all when that was asked for during a look for some', async () => {
  const { asked, held, waiter } = scene();
  waiter.expect('a', nobody);
  waiter.expect('b', nobody);
  held.add('a');
  const first = waiter.lookNow('others');
  void waiter.lookNow('all');
  void waiter.lookNow('others');
  await first;
  await settled();

  expect(asked).toEqual([['b'], ['a', 'b']]);
});

it('reads nothing of a run that ended here while it asked', async () => {
  const { ended, find, waiter } = scene();
  ended.add('a').add('b');
  const told: News[] = [];
  waiter.expect('a', (news) => told.push(news));
  waiter.expect('b', nobody);
  const look = waiter.lookNow();
  waiter.ended(ending('a'));
  await look;

  expect(told.map(outcomeOf)).toEqual([{ here: 'a' }]);
  expect(find.mock.calls).toEqual([['b']]);
});

it('asks soon after it is told that runs ended, once for many that are told together', async () => {
  const { clock, asked, ended, waiter } = scene();
  const result = waiter.result('a', null);
  await settled();
  asked.length = 0;
  ended.add('a');

  for (let n = 0; n < 10; n++) waiter.look();
  await clock.advance(5);

  expect(await result).toEqual({ said: 'a' });
  expect(asked).toHaveLength(1);
});

it('goes on after a question that failed', async () => {
  const { clock, ended, state, waiter } = scene();
  state.failing = true;
  const result = waiter.result('a', null);
  await clock.advance(3_000);
  state.failing = false;
  ended.add('a');
  await clock.advance(1_000);

  expect(await result).toEqual({ said: 'a' });
});

it('rejects for a run that failed, after a timeout, and for one that does not exist', async () => {
  const { clock, waiter } = scene();
  const failed = expect(waiter.result('a', null)).rejects.toBeInstanceOf(RunFailedError);
  await settled();
  waiter.ended(ending('a', 'failed'));
  await failed;

  const late = expect(waiter.result('b', 500)).rejects.toBeInstanceOf(ResultTimeoutError);
  await settled();
  await clock.advance(500);
  await late;
  expect(clock.pending).toBe(0);

  await expect(waiter.result('nobody', null)).rejects.toBeInstanceOf(RunNotFoundError);
});

it('waits for a run that does not exist yet, and forgets it when it is told to', async () => {
  const { clock, waiter } = scene();
  const told: News[] = [];
  const tell = (news: News): number => told.push(news);
  waiter.expect('new', tell);
  waiter.ended(ending('new'));
  expect(told.map(outcomeOf)).toEqual([{ here: 'new' }]);

  waiter.expect('never', tell);
  waiter.forget('never', tell);
  waiter.ended(ending('never'));
  expect(told).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

it('goes on waiting for who is left when one of two forgets the run', async () => {
  const { clock, waiter } = scene();
  const told: string[] = [];
  const first = (): number => told.push('first');
  waiter.expect('a', first);
  waiter.expect('a', () => told.push('second'));
  waiter.forget('a', first);
  waiter.forget('a', first);

  waiter.ended(ending('a'));

  expect(told).toEqual(['second']);
  expect(clock.pending).toBe(0);
});

describe('a run that is retried while it is looked at', () => {
  it('has not ended', async () => {
    const { clock, ended, find, waiter } = scene();
    const result = waiter.result('a', null);
    await settled();
    ended.add('a');
    find.mockResolvedValueOnce({ id: 'a', workflow: 'w', status: 'pending', error: null });
    await clock.advance(1_000);

    await clock.advance(1_000);

    expect(await result).toEqual({ said: 'a' });
  });

  it('has not ended for those who ask after the retry', async () => {
    const { clock, ended, find, waiter } = scene();
    const before = expect(waiter.result('a', null)).rejects.toBeInstanceOf(RunFailedError);
    await settled();
    const seen = new Deferred<unknown>();
    ended.add('a');
    find.mockReturnValueOnce(seen.promise);
    await clock.advance(1_000);
    waiter.ended(ending('a', 'failed'));
    await before;
    ended.delete('a');

    const after = waiter.result('a', null);
    await settled();
    seen.resolve({ id: 'a', workflow: 'w', status: 'failed', error: null });
    await settled();
    ended.add('a');
    await clock.advance(1_000);

    expect(await after).toEqual({ said: 'a' });
  });
});

it('answers for a run that has ended before', async () => {
  const { asked, ended, waiter } = scene();
  ended.add('a');

  expect(await waiter.result('a', null)).toEqual({ said: 'a' });
  expect(asked).toEqual([]);
});

it('looks once more at a shutdown, behind a look that was under way', async () => {
  const { ended, waiter } = scene();
  const results = [waiter.result('a', null), waiter.result('b', null)];
  const refused = expect(results[1]).rejects.toBeInstanceOf(ShutdownError);
  await settled();
  void waiter.lookNow();
  const closed = waiter.close();
  ended.add('a');

  expect(await results[0]).toEqual({ said: 'a' });
  await refused;
  await closed;
});

it('waits at a shutdown for the first look of who asked before it, and looks once more for him', async () => {
  const { admin, ended, find, waiter } = scene();
  ended.add('a');
  const journal = new Deferred<[]>();
  const late = new Deferred<unknown>();
  jest.spyOn(admin, 'journal').mockReturnValueOnce(journal.promise);
  const known = waiter.result('a', null);
  find.mockReturnValueOnce(late.promise);
  const unknown = waiter.result('b', null);
  await settled();

  const closed = waiter.close();
  journal.resolve([]);
  ended.add('b');
  late.resolve({ id: 'b', workflow: 'w', status: 'running', error: null });

  expect(await known).toEqual({});
  expect(await unknown).toEqual({ said: 'b' });
  await closed;
});

it('says that it shuts down to who asks when nothing can be read any more', async () => {
  const { find, waiter } = scene();
  await waiter.close();
  find.mockRejectedValueOnce(new Error('the connection is closed'));

  await expect(waiter.result('a', null)).rejects.toBeInstanceOf(ShutdownError);
});

it('rejects everybody at a shutdown, and everybody who comes later', async () => {
  const { clock, waiter } = scene();
  const waiting = [waiter.result('a', null), waiter.result('b', 60_000)].map((result) =>
    expect(result).rejects.toBeInstanceOf(ShutdownError),
  );
  waiter.expect('nobody listens to this one', nobody);
  await settled();

  await Promise.all([waiter.close(), waiter.close()]);

  await Promise.all(waiting);
  await expect(waiter.result('a', null)).rejects.toBeInstanceOf(ShutdownError);
  expect(clock.pending).toBe(0);
});
