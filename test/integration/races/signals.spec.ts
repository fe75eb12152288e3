/*
 * Covers signals against everything that can happen to a run at the same time, in every order of statements and commits of
 * two or three sessions. Each line of a table is one defined outcome: who had the run's row first → what became of it.
 *
 * | race | who is first | outcome |
 * |---|---|---|
 * | signal, park | the signal | not accepted; the park is refused, and the wait takes it at once |
 * | | the park | accepted; the run is due, and the next claim takes it |
 * | signal, timeout | the signal | accepted; the wait takes it, although its time is over |
 * | | the claim | not accepted; the wait ends with null, and the signal is kept for a later one |
 * | | the claim, but the signal comes before the look at the stored ones | not accepted; the wait takes it |
 * | two signals, park | either | the first that is stored is the first that is taken; accepted if the run was parked |
 * | signal, completion | the signal | not accepted; kept with the ended run |
 * | | the completion | not accepted; nothing is kept |
 * | signal, last failed attempt | either | the run has failed, and no further attempt is made |
 * | two resumes, suspension | either | one is accepted at most; the other leaves nothing behind |
 *
 * Cancels are in cancel.spec.ts, children in children.spec.ts, takeovers in takeover.spec.ts.
 */
import { newId } from '../../../lib/common/ids.js';
import { resumeSignal } from '../../../lib/definition/journal-key.js';
import { durable } from '../../../lib/index.js';
import type { SignalOutcome } from '../../../lib/storage/contract/run-admin.contract.js';
import { RaceScene, type Tools } from '../../support/interleaving/race-scene.js';
import { table } from '../../support/interleaving/table.js';

describe('a signal, in every order of statements', () => {
  let scene: RaceScene;
  let attempts = 0;

  beforeAll(async () => {
    scene = await RaceScene.set([
      durable('waits').waitForSignal('approval', 'go', { timeout: '1h' }).waitForSignal('later', 'go'),
      durable('works').step('work', () => 'done'),
      durable('fails').step('work', () => Promise.reject(new Error(`no ${++attempts}`)), { maxAttempts: 1 }),
      durable('asks').step('ask', (ctx) => ctx.resumeData() ?? { status: 'suspended' }),
    ]);
  });

  beforeEach(() => {
    attempts = 0;
  });

  afterEach(async () => {
    expect(await scene.forgotten()).toEqual([]);
    expect(await scene.forbiddenTransitions()).toEqual([]);
  });

  afterAll(async () => {
    await scene.clear();
  });

  /** Sends a signal as the runner does; the answer is kept in `said`. */
  function sends(runId: string, payload: string, said: { accepted?: boolean }, name = 'go') {
    return async ({ admin }: Pick<Tools, 'admin'>): Promise<void> => {
      const signal = { id: newId(), target: { runId }, name, payload: JSON.stringify(payload), dedupeId: null };
      said.accepted = ((await admin.signal(signal)) as SignalOutcome).accepted;
    };
  }

  const yes = (said: { accepted?: boolean }): string => (said.accepted ? 'accepted' : 'not accepted');

  /** Which wait took which payload: `approval "yes", later -`. */
  async function taken(runId: string): Promise<string> {
    const { results } = await scene.standing(runId);
    return `approval ${results.approval ?? '-'}, later ${results.later ?? '-'}`;
  }

  it('is taken by a wait that parks at the same time', async () => {
    const outcomes = await scene.race(async () => {
      const run = await scene.begin('waits');
      const said = {};
      return {
        parties: { worker: ({ execute }) => execute(run), signal: sends(run.id, 'yes', said) },
        outcome: async () => {
          const first = scene.first('worker checkpoint', 'signal send');
          await scene.drain();
          return `${first} first: ${yes(said)}, ${await taken(run.id)}`;
        },
      };
    });
    expect(table(outcomes)).toEqual([
      'signal first: not accepted, approval "yes", later -',
      'worker first: accepted, approval "yes", later -',
    ]);
    expect(outcomes.length).toBeGreaterThanOrEqual(4);
  });

  it.each(['nothing', 'something'])(
    'meets a timeout at one instant, on a run that was sent %s before',
    async (history) => {
      const outcomes = await scene.race(async () => {
        const run = await scene.begin('waits');
        if (history === 'something') await sends(run.id, 'x', {}, 'else')(scene.ungated);
        await scene.ungated.execute(run);
        scene.clock.move('2h');
        const said = {};
        return {
          parties: { worker: ({ claim }) => claim(), signal: sends(run.id, 'yes', said) },
          outcome: async () => {
            const first = scene.first('worker claim', 'signal send');
            await scene.drain();
            return `${first} first: ${yes(said)}, ${await taken(run.id)}`;
          },
        };
      });
      const beforeTheLook = history === 'something' ? ['worker first: not accepted, approval "yes", later -'] : [];
      expect(table(outcomes)).toEqual([
        'signal first: accepted, approval "yes", later -',
        'worker first: accepted, approval null, later "yes"',
        ...beforeTheLook,
        'worker first: not accepted, approval null, later "yes"',
      ]);
    },
  );

  it('is taken in the order of storing, when there are two', async () => {
    const outcomes = await scene.race(async () => {
      const run = await scene.begin('waits');
      const [a, b] = [{}, {}];
      return {
        parties: { worker: ({ execute }) => execute(run), a: sends(run.id, 'a', a), b: sends(run.id, 'b', b) },
        outcome: async () => {
          const first = scene.first('a send', 'b send');
          await scene.drain();
          return `${first} first: ${await taken(run.id)}`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['a first: approval "a", later "b"', 'b first: approval "b", later "a"']);
  });

  it('is stored before a run ends, or not at all', async () => {
    const outcomes = await scene.race(async () => {
      const run = await scene.begin('works');
      const said = {};
      return {
        parties: { worker: ({ execute }) => execute(run), signal: sends(run.id, 'yes', said) },
        outcome: async () => {
          const { status, kept } = await scene.standing(run.id);
          return `${scene.first('worker checkpoint', 'signal send')} first: ${yes(said)}, ${status}, kept ${kept}`;
        },
      };
    });
    expect(table(outcomes)).toEqual([
      'signal first: not accepted, completed, kept ["yes"]',
      'worker first: not accepted, completed, kept []',
    ]);
  });

  it('brings no attempt back to a step that has given up', async () => {
    const outcomes = await scene.race(async () => {
      const run = await scene.begin('fails');
      attempts = 0;
      return {
        parties: { worker: ({ execute }) => execute(run), signal: sends(run.id, 'yes', {}) },
        outcome: async () => {
          const { status } = await scene.standing(run.id);
          return `${scene.first('worker checkpoint', 'signal send')} first: ${status} after ${attempts} attempt`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['signal first: failed after 1 attempt', 'worker first: failed after 1 attempt']);
  });

  it('is no second answer when it resumes a step twice', async () => {
    const outcomes = await scene.race(async () => {
      const run = await scene.begin('asks');
      const [a, b] = [{}, {}];
      const resume = resumeSignal('ask');
      return {
        parties: {
          worker: ({ execute }) => execute(run),
          a: sends(run.id, 'a', a, resume),
          b: sends(run.id, 'b', b, resume),
        },
        outcome: async () => {
          await scene.drain();
          const { status, results, kept } = await scene.standing(run.id);
          return `a ${yes(a)}, b ${yes(b)}: ${status} with ${results.ask ?? 'nothing'}, kept ${kept}`;
        },
      };
    });
    expect(table(outcomes)).toEqual([
      'a accepted, b not accepted: completed with "a", kept []',
      'a not accepted, b accepted: completed with "b", kept []',
      'a not accepted, b not accepted: suspended with nothing, kept []',
    ]);
  });
});
