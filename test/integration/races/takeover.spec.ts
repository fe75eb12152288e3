/*
 * Covers what a worker still writes while its run is taken over (handed back by a sweep, then claimed), in every order of
 * statements and commits. Whoever has the run's row first wins; the other's write changes nothing at all.
 *
 * | race | who is first | outcome |
 * |---|---|---|
 * | checkpoint of a step, takeover | the checkpoint | written once; the heir goes on behind it |
 * | | the sweep | nothing is written; the heir repeats the step under the same key |
 * | park, takeover | either | parked once, and woken by what it waits for |
 * | taking of a signal, takeover | either | the signal is taken once |
 * | birth of a child, takeover | either | one child |
 * | end, takeover | either | ended once |
 *
 * Transactional steps are in transactional-steps.spec.ts; takeovers by real processes, after crashes and stalls, are in test/crash.
 */
import { newId } from '../../../lib/common/ids.js';
import { durable } from '../../../lib/index.js';
import { reclaimOrphans } from '../../../lib/storage/postgres/sql/sweep-workers.sql.js';
import { RaceScene, type Tools } from '../../support/interleaving/race-scene.js';
import { table } from '../../support/interleaving/table.js';

describe('a takeover, in every order of statements', () => {
  let scene: RaceScene;
  let calls = 0;

  beforeAll(async () => {
    scene = await RaceScene.set([
      durable('works')
        .step('one', () => ++calls)
        .step('two', () => null),
      durable('ends').step('one', () => ++calls),
      durable('parks').waitForSignal('approval', 'go'),
      durable('bears').childWorkflow('child', 'ends'),
    ]);
  });

  beforeEach(() => {
    calls = 0;
  });

  afterEach(async () => {
    expect(await scene.forgotten()).toEqual([]);
    expect(await scene.forbiddenTransitions()).toEqual([]);
    expect(scene.errors).toEqual([]);
  });

  afterAll(async () => {
    await scene.clear();
  });

  /** Declares the holders of all runs dead, and goes on with what they held. */
  async function takesOver({ query, claim }: Tools): Promise<void> {
    await query(reclaimOrphans('"durable"', scene.clock.now()));
    await claim();
  }

  /** Plays the holder of a run against an heir. */
  async function takeOver(
    workflow: string,
    describeOutcome: (runId: string) => Promise<string>,
    prepare: (runId: string) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<readonly string[]> {
    return scene.race(async () => {
      const run = await scene.begin(workflow);
      await prepare(run.id);
      calls = 0;
      return {
        parties: { holder: ({ execute }) => execute(run), heir: takesOver },
        outcome: async () => {
          const first = scene.first('holder checkpoint', 'heir reclaim');
          await scene.sweep();
          await scene.drain();
          return `${first} first: ${await describeOutcome(run.id)}`;
        },
      };
    });
  }

  it('finds a step journaled, or repeats it', async () => {
    const outcomes = await takeOver('works', async (runId) => {
      const { status, journal, results } = await scene.standing(runId);
      return `${status}, journaled ${journal.join(', ')}, result of attempt ${results.one} of ${calls}`;
    });
    expect(table(outcomes)).toEqual([
      'heir first: completed, journaled one, two, result of attempt 2 of 2',
      'holder first: completed, journaled one, two, result of attempt 1 of 1',
    ]);
  });

  it('parks a run once', async () => {
    const outcomes = await takeOver('parks', async (runId) => {
      const parked = (await scene.standing(runId)).status;
      await sends(runId);
      await scene.drain();
      return `${parked}, then ${(await scene.standing(runId)).status}`;
    });
    expect(table(outcomes)).toEqual([
      'heir first: suspended, then completed',
      'holder first: suspended, then completed',
    ]);
  });

  it('takes a signal once', async () => {
    const outcomes = await takeOver(
      'parks',
      async (runId) => {
        const { status, results, kept } = await scene.standing(runId);
        return `${status}, took ${results.approval}, kept ${kept}`;
      },
      sends,
    );
    expect(table(outcomes)).toEqual([
      'heir first: completed, took 1, kept []',
      'holder first: completed, took 1, kept []',
    ]);
  });

  it('starts a child once', async () => {
    const outcomes = await takeOver('bears', async (runId) => {
      const children = await scene.rows('select from durable.run where parent_id = $1', [runId]);
      return `${(await scene.standing(runId)).status} with ${children.length} child`;
    });
    expect(table(outcomes)).toEqual(['heir first: completed with 1 child', 'holder first: completed with 1 child']);
  });

  it('ends a run once', async () => {
    const outcomes = await takeOver('ends', async (runId) => {
      const { status, journal, results } = await scene.standing(runId);
      return `${status}, journaled ${journal.join(', ')}, result of attempt ${results.one} of ${calls}`;
    });
    expect(table(outcomes)).toEqual([
      'heir first: completed, journaled one, result of attempt 2 of 2',
      'holder first: completed, journaled one, result of attempt 1 of 1',
    ]);
  });

  async function sends(runId: string): Promise<void> {
    await scene.ungated.admin.signal({ id: newId(), target: { runId }, name: 'go', payload: '1', dedupeId: null });
  }
});
