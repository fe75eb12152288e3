/*
 * Covers cancels against everything that can happen to a run at the same time, in every order of statements and commits.
 * An accepted cancel ends the run as canceled, with what was done undone once; one that is not accepted changes nothing.
 *
 * | race | who is first | outcome |
 * |---|---|---|
 * | cancel, park | the cancel | accepted; the park is refused and the worker cancels the run |
 * | | the park | accepted; the run is due, and whoever claims it cancels it |
 * | cancel, completion | the cancel | accepted; the ending is refused, what was done is undone |
 * | | the completion | not accepted; completed |
 * | cancel, giving up | the cancel | accepted; canceled |
 * | | the first move of the failure | not accepted; failed |
 * | cancel, claim of a run that has not begun | the cancel | accepted; canceled at once, nothing was done |
 * | | the claim | as cancel against completion |
 * | cancel, claim of a woken run | either | as cancel against completion; whoever claims it cancels it |
 * | cancel, cancel | either | both accepted, the first reason stands |
 * | cancel, signal, park | the cancel | accepted; canceled, the signal is kept, or comes too late |
 * | | the signal | the wait may have taken it and completed the run before the cancel, which is then not accepted |
 *
 * Children of canceled runs are in children.spec.ts; what a cancel does to running steps in ../engine/cancel.spec.ts.
 */
import { newId } from '../../../lib/common/ids.js';
import { durable } from '../../../lib/index.js';
import { RaceScene, type Tools } from '../../support/interleaving/race-scene.js';
import { table } from '../../support/interleaving/table.js';

describe('a cancel, in every order of statements', () => {
  let scene: RaceScene;
  let log: string[] = [];

  const does = (what: string) => (): void => void log.push(what);

  beforeAll(async () => {
    scene = await RaceScene.set([
      durable('books').step('book', does('book'), { compensate: does('unbook') }),
      durable('waits')
        .step('book', does('book'), { compensate: does('unbook') })
        .waitForSignal('approval', 'go'),
      durable('parks').waitForSignal('approval', 'go'),
      durable('retries')
        .step('book', does('book'), { compensate: does('unbook') })
        .step('pay', () => Promise.reject(new Error('declined'))),
      durable('fails').step('pay', () => Promise.reject(new Error('declined')), { maxAttempts: 1 }),
      durable('undoes')
        .step('book', does('book'), { compensate: does('unbook') })
        .step('pay', () => Promise.reject(new Error('declined')), { maxAttempts: 1 }),
    ]);
  });

  afterEach(async () => {
    expect(await scene.forgotten()).toEqual([]);
    expect(await scene.forbiddenTransitions()).toEqual([]);
  });

  afterAll(async () => {
    await scene.clear();
  });

  interface Said {
    accepted?: boolean;
  }

  const yes = (said: Said): string => (said.accepted ? 'accepted' : 'not accepted');

  function cancels(runId: string, said: Said, reason = 'changed my mind'): (tools: Tools) => Promise<void> {
    return async ({ admin }) => {
      said.accepted = (await admin.cancel(runId, { reason, compensate: true }))!.accepted;
    };
  }

  function sends(runId: string, said: Said): (tools: Pick<Tools, 'admin'>) => Promise<void> {
    return async ({ admin }) => {
      const signal = { id: newId(), target: { runId }, name: 'go', payload: '1', dedupeId: null };
      said.accepted = (await admin.signal(signal))!.accepted;
    };
  }

  /** Plays a worker that holds a new run against a cancel. */
  async function againstHolder(workflow: string): Promise<readonly string[]> {
    return scene.race(async () => {
      const run = await scene.begin(workflow);
      const said: Said = {};
      log = [];
      return {
        parties: { worker: ({ execute }) => execute(run), cancel: cancels(run.id, said) },
        outcome: async () => {
          await scene.drain();
          return `${yes(said)}: ${(await scene.standing(run.id)).status}, did ${log.join(', ') || 'nothing'}`;
        },
      };
    });
  }

  it('passes a park by', async () => {
    expect(table(await againstHolder('waits'))).toEqual(['accepted: canceled, did book, unbook']);
  });

  it('passes a wait for the next attempt by', async () => {
    expect(table(await againstHolder('retries'))).toEqual(['accepted: canceled, did book, unbook']);
  });

  it('comes before completion, or too late', async () => {
    expect(table(await againstHolder('books'))).toEqual([
      'accepted: canceled, did book, unbook',
      'not accepted: completed, did book',
    ]);
  });

  it('comes before the end of a run that gave up, or too late', async () => {
    expect(table(await againstHolder('fails'))).toEqual([
      'accepted: canceled, did nothing',
      'not accepted: failed, did nothing',
    ]);
  });

  it('comes before the compensation of a run that gave up, or too late', async () => {
    expect(table(await againstHolder('undoes'))).toEqual([
      'accepted: canceled, did book, unbook',
      'not accepted: failed, did book, unbook',
    ]);
  });

  it.each(['books', 'waits'])('meets the claim of a run that has not begun (%s)', async (workflow) => {
    const outcomes = await scene.race(async () => {
      const runId = await scene.start(workflow);
      const said: Said = {};
      log = [];
      return {
        parties: { worker: ({ claim }) => claim(), cancel: cancels(runId, said) },
        outcome: async () => {
          await scene.drain();
          return `${yes(said)}: ${(await scene.standing(runId)).status}, did ${log.join(', ') || 'nothing'}`;
        },
      };
    });
    expect(table(outcomes)).toEqual([
      'accepted: canceled, did book, unbook',
      'accepted: canceled, did nothing',
      ...(workflow === 'books' ? ['not accepted: completed, did book'] : []),
    ]);
  });

  it('meets the claim of a parked run that a signal woke', async () => {
    const outcomes = await scene.race(async () => {
      const run = await scene.begin('waits');
      log = [];
      await scene.ungated.execute(run);
      await sends(run.id, {})(scene.ungated);
      const said: Said = {};
      return {
        parties: { worker: ({ claim }) => claim(), cancel: cancels(run.id, said) },
        outcome: async () => {
          await scene.drain();
          return `${yes(said)}: ${(await scene.standing(run.id)).status}, did ${log.join(', ')}`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['accepted: canceled, did book, unbook', 'not accepted: completed, did book']);
  });

  it('is one, when there are two', async () => {
    const outcomes = await scene.race(async () => {
      const run = await scene.begin('waits');
      await scene.ungated.execute(run);
      const [a, b]: Said[] = [{}, {}];
      return {
        parties: { a: cancels(run.id, a, 'a'), b: cancels(run.id, b, 'b') },
        outcome: async () => {
          const first = scene.first('a lock', 'b lock');
          await scene.drain();
          const { cancel, status } = (await scene.ungated.admin.find(run.id))!;
          return `${first} first: ${yes(a)}, ${yes(b)}, ${status} for reason ${cancel!.reason}`;
        },
      };
    });
    expect(table(outcomes)).toEqual([
      'a first: accepted, accepted, canceled for reason a',
      'b first: accepted, accepted, canceled for reason b',
    ]);
  });

  it('meets a signal and a park', async () => {
    const outcomes = await scene.race(async () => {
      const run = await scene.begin('parks');
      const [said, sent]: Said[] = [{}, {}];
      return {
        parties: {
          worker: ({ execute }) => execute(run),
          cancel: cancels(run.id, said),
          signal: sends(run.id, sent),
        },
        outcome: async () => {
          await scene.drain();
          const { status, results, kept } = await scene.standing(run.id);
          const signal = results.approval ? 'taken' : kept === '[]' ? 'not stored' : 'kept';
          return `${yes(said)}: ${status}; signal ${yes(sent)}, ${signal}`;
        },
      };
    });
    expect(table(outcomes)).toEqual([
      'accepted: canceled; signal accepted, kept',
      'accepted: canceled; signal not accepted, kept',
      'accepted: canceled; signal not accepted, not stored',
      'accepted: canceled; signal not accepted, taken',
      'not accepted: completed; signal not accepted, taken',
    ]);
    expect(outcomes.length).toBeGreaterThan(100);
  });
});
