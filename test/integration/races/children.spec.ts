/*
 * Covers what parents and children do to each other at the same time, in every order of statements and commits.
 *
 * | race | outcome |
 * |---|---|
 * | end of a child, park of its parent | the parent completes: it sees the end, or its park is refused, or it is woken |
 * | end of a child, cancel of its parent | the parent is canceled; the child completed before, or is canceled and undone |
 * | birth of a child, cancel of its parent | both are canceled, what the child did is undone |
 * | birth of a grandchild, termination of its family | all are canceled, and the grandchild does nothing |
 * | ends of two families, crosswise | all end, all parents are told, and no transaction waits for another in a circle |
 *
 * Cancels of single runs are in cancel.spec.ts; what `parentClose` means in ../engine/children.spec.ts.
 */
import { durable } from '../../../lib/index.js';
import type { ClaimedRun } from '../../../lib/storage/contract/records.js';
import { RaceScene, type Tools } from '../../support/interleaving/race-scene.js';
import { table } from '../../support/interleaving/table.js';

describe('parents and children, in every order of statements', () => {
  let scene: RaceScene;
  let log: string[] = [];

  const does = (what: string) => (): void => void log.push(what);

  beforeAll(async () => {
    scene = await RaceScene.set([
      durable('leaf').step('book', does('book'), { compensate: does('unbook') }),
      durable('thought').step('think', does('think')),
      durable('parent').childWorkflow('child', 'leaf'),
      durable('hasty').childWorkflow('child', 'thought'),
      durable('middle').childWorkflow('child', 'leaf', undefined, { parentClose: 'terminate' }),
      durable('top').childWorkflow('child', 'middle', undefined, { parentClose: 'terminate' }),
    ]);
  });

  afterEach(async () => {
    expect(await scene.forgotten()).toEqual([]);
    expect(await scene.forbiddenTransitions()).toEqual([]);
    expect(scene.errors).toEqual([]);
  });

  afterAll(async () => {
    await scene.clear();
  });

  /** Lets a run start its child, and takes the child as another worker would. */
  async function giveBirth(workflow: string): Promise<{ parent: ClaimedRun; child: ClaimedRun }> {
    const parent = await scene.begin(workflow);
    await scene.ungated.execute(parent);
    const [child] = await scene.claim();
    return { parent, child };
  }

  async function cancelAndClaim(runId: string): Promise<ClaimedRun> {
    await scene.ungated.admin.cancel(runId, { reason: null, compensate: true });
    return (await scene.claim()).find(({ id }) => id === runId)!;
  }

  async function statusOf(runId: string): Promise<string> {
    return (await scene.ungated.admin.find(runId))?.status ?? 'unborn';
  }

  /** The child of a run, whoever made it. */
  async function childOf(runId: string): Promise<string | undefined> {
    return (await scene.rows<{ id: string }>('select id from durable.run where parent_id = $1', [runId]))[0]?.id;
  }

  it('a child that ends while its parent parks wakes it', async () => {
    const outcomes = await scene.race(async () => {
      const { parent, child } = await giveBirth('parent');
      await scene.makeDue(parent.id);
      return {
        parties: { parent: ({ claim }) => claim(), child: ({ execute }) => execute(child) },
        outcome: async () => {
          await scene.drain();
          return `parent ${await statusOf(parent.id)}, child ${await statusOf(child.id)}`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['parent completed, child completed']);
    expect(outcomes.length).toBeGreaterThan(10);
  });

  it('a child that ends while its parent is canceled has completed, or is undone', async () => {
    const outcomes = await scene.race(async () => {
      const { parent, child } = await giveBirth('hasty');
      const canceled = await cancelAndClaim(parent.id);
      log = [];
      return {
        parties: { parent: ({ execute }) => execute(canceled), child: ({ execute }) => execute(child) },
        outcome: async () => {
          await scene.drain();
          return `parent ${await statusOf(parent.id)}, child ${await statusOf(child.id)}, did ${log.join(', ')}`;
        },
      };
    }, ['terminate-children']);
    expect(table(outcomes)).toEqual([
      'parent canceled, child canceled, did think',
      'parent canceled, child completed, did think',
    ]);
  });

  it('a child that is born while its parent is canceled does not outlive it', async () => {
    const outcomes = await scene.race(async () => {
      const parent = await scene.begin('parent');
      log = [];
      return {
        parties: {
          parent: ({ execute }) => execute(parent),
          cancel: ({ admin }) => admin.cancel(parent.id, { reason: null, compensate: true }),
        },
        outcome: async () => {
          await scene.drain();
          const child = (await childOf(parent.id))!;
          return `parent ${await statusOf(parent.id)}, child ${await statusOf(child)}, ${log.length === 1 ? 'not undone' : 'undone'}`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['parent canceled, child canceled, undone']);
  });

  it('a grandchild that is born while its family is terminated does nothing', async () => {
    const outcomes = await scene.race(async () => {
      const { parent: top, child: middle } = await giveBirth('top');
      const canceled = await cancelAndClaim(top.id);
      log = [];
      return {
        parties: { top: ({ execute }) => execute(canceled), middle: ({ execute }) => execute(middle) },
        outcome: async () => {
          await scene.drain();
          const leaf = await childOf(middle.id);
          return `top ${await statusOf(top.id)}, middle ${await statusOf(middle.id)}, leaf ${leaf ? await statusOf(leaf) : 'unborn'}, did ${log.join(', ') || 'nothing'}`;
        },
      };
    }, ['cancel-children']);
    expect(table(outcomes)).toEqual([
      'top canceled, middle canceled, leaf canceled, did nothing',
      'top canceled, middle canceled, leaf unborn, did nothing',
    ]);
  });

  it('a termination does not wait in a circle with the ends of two generations', async () => {
    const outcomes = await scene.race(async () => {
      const parent = await scene.begin('leaf');
      const children = [await scene.begin('leaf', null, parent.id), await scene.begin('leaf', null, parent.id)];
      const [child, sibling] = children;
      const grandchild = await scene.begin('leaf', null, child.id);
      return {
        parties: {
          worker: ({ store }) => store.checkpoint('family', [grandchild, sibling].map(scene.ending)),
          operator: ({ repair }) => repair.terminate(child.id, { by: null, reason: null }),
        },
        outcome: async () => {
          const statuses = [child, sibling, grandchild].map(({ id }) => statusOf(id));
          return (await Promise.all(statuses)).join(', ');
        },
      };
    });
    expect(table(outcomes)).toEqual(['canceled, completed, completed']);
  });

  it('two families that end crosswise do not wait for each other in a circle', async () => {
    const outcomes = await scene.race(async () => {
      const family = async (): Promise<readonly [ClaimedRun, ClaimedRun, ClaimedRun]> => {
        const grandparent = await scene.begin('leaf');
        const parent = await scene.begin('leaf', null, grandparent.id);
        return [grandparent, parent, await scene.begin('leaf', null, parent.id)];
      };
      const [a, b] = [await family(), await family()];
      // Each worker ends a parent and a child of the other family in one batch.
      const batches = { one: [a[1], b[2]], two: [b[1], a[2]] };
      const left: ClaimedRun[] = [];
      const ends = (batch: readonly ClaimedRun[]) => {
        return async ({ store }: Tools): Promise<void> => {
          const outcomes = await store.checkpoint('family', batch.map(scene.ending));
          outcomes.forEach(({ outcome }, at) => void (outcome === 'busy' && left.push(batch[at])));
        };
      };
      return {
        parties: { one: ends(batches.one), two: ends(batches.two) },
        outcome: async () => {
          for (const run of left) await ends([run])(scene.ungated);
          const statuses = [a[1], a[2], b[1], b[2]].map(({ id }) => statusOf(id));
          const woken = await scene.rows('select from durable.run where wakeups > 0 and id = any ($1)', [
            [a[0].id, a[1].id, b[0].id, b[1].id],
          ]);
          return `${(await Promise.all(statuses)).join(', ')}, woken ${woken.length}`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['completed, completed, completed, completed, woken 4']);
  });
});
