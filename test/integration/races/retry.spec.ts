/*
 * Covers an operator's retry of a failed run against everything that can be done to it at the same time, in every order of
 * statements and commits of two or three sessions.
 *
 * | race | who is first | outcome |
 * |---|---|---|
 * | retry, cancel | the retry | the cancel is accepted, and the run ends as canceled, undone |
 * | | the cancel | not accepted: the run has ended; the retry brings it back |
 * | retry, cancel, claim | as above | the same, with what the claimer has done undone; or it completes before the cancel |
 * | retry, retry | either | one is accepted; the other finds a run that has not failed |
 * | retry, last checkpoint of the giving up | the checkpoint | the retry is accepted, the run goes on |
 * | | the retry | not accepted: the run has not failed yet |
 *
 * Which runs can be retried, and from where, is in ../runner/repair.spec.ts.
 */
import { durable } from '../../../lib/index.js';
import { RaceScene, type Tools } from '../../support/interleaving/race-scene.js';
import { table } from '../../support/interleaving/table.js';

/** They stand behind the lock of the run, which nobody passes: who else could take a turn between them? */
const BEHIND_THE_LOCK = ['list-units', 'find-definition-by-hash', 'retry-run', 'load-journal'];

describe('a retry, in every order of statements', () => {
  let scene: RaceScene;
  let log: string[] = [];
  /** What made the runs fail is mended, or not yet. */
  let mended = false;

  const pay = (): string => {
    if (!mended) throw new Error('declined');
    log.push('pay');
    return 'paid';
  };

  beforeAll(async () => {
    scene = await RaceScene.set([
      durable('pays').step('pay', pay, { maxAttempts: 1, compensate: () => void log.push('refund') }),
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

  const yes = (said: Said): string => (said.accepted ? 'accepted' : 'refused');

  function cancels(runId: string, said: Said): (tools: Tools) => Promise<void> {
    return async ({ admin }) => {
      said.accepted = (await admin.cancel(runId, { reason: null, compensate: true }))!.accepted;
    };
  }

  function retries(runId: string, said: Said): (tools: Tools) => Promise<void> {
    return async ({ repair }) => {
      said.accepted = (await repair.retry(runId, null, { by: null, reason: null }))!.outcome === 'accepted';
    };
  }

  async function failedRun(): Promise<string> {
    mended = false;
    const run = await scene.begin('pays');
    await scene.ungated.execute(run);
    mended = true;
    log = [];
    return run.id;
  }

  async function ending(runId: string): Promise<string> {
    await scene.drain();
    return `${(await scene.standing(runId)).status}, did ${log.join(', ') || 'nothing'}`;
  }

  it('comes before a cancel, which then cancels, or after it, and brings the run back', async () => {
    const outcomes = await scene.race(async () => {
      const runId = await failedRun();
      const [retried, canceled]: Said[] = [{}, {}];
      return {
        parties: { retry: retries(runId, retried), cancel: cancels(runId, canceled) },
        outcome: async () => `retry ${yes(retried)}, cancel ${yes(canceled)}: ${await ending(runId)}`,
      };
    }, BEHIND_THE_LOCK);
    expect(table(outcomes)).toEqual([
      'retry accepted, cancel accepted: canceled, did nothing',
      'retry accepted, cancel refused: completed, did pay',
    ]);
  });

  it('meets a cancel and a claim', async () => {
    const outcomes = await scene.race(async () => {
      const runId = await failedRun();
      const [retried, canceled]: Said[] = [{}, {}];
      return {
        parties: {
          retry: retries(runId, retried),
          cancel: cancels(runId, canceled),
          worker: ({ claim }) => claim(),
        },
        outcome: async () => `retry ${yes(retried)}, cancel ${yes(canceled)}: ${await ending(runId)}`,
      };
    }, BEHIND_THE_LOCK);
    expect(table(outcomes)).toEqual([
      'retry accepted, cancel accepted: canceled, did nothing',
      'retry accepted, cancel accepted: canceled, did pay, refund',
      'retry accepted, cancel refused: completed, did pay',
    ]);
    expect(outcomes.length).toBeGreaterThan(30);
  });

  it('is one, when there are two', async () => {
    const outcomes = await scene.race(async () => {
      const runId = await failedRun();
      const [a, b]: Said[] = [{}, {}];
      return {
        parties: { a: retries(runId, a), b: retries(runId, b) },
        outcome: async () => `a ${yes(a)}, b ${yes(b)}: ${await ending(runId)}`,
      };
    }, BEHIND_THE_LOCK);
    expect(table(outcomes)).toEqual([
      'a accepted, b refused: completed, did pay',
      'a refused, b accepted: completed, did pay',
    ]);
  });

  it('of a run that is just giving up comes too early, or brings it back', async () => {
    const outcomes = await scene.race(async () => {
      mended = false;
      log = [];
      const run = await scene.begin('pays');
      const said: Said = {};
      return {
        parties: { worker: ({ execute }) => execute(run), retry: retries(run.id, said) },
        outcome: async () => {
          mended = true;
          return `${yes(said)}: ${await ending(run.id)}`;
        },
      };
    }, BEHIND_THE_LOCK);
    expect(table(outcomes)).toEqual(['accepted: completed, did pay', 'refused: failed, did nothing']);
  });
});
