/*
 * Covers claims and leases against each other, in every order of statements and commits of two or three sessions. A run is
 * held by one worker at a time, and never for good by one that nobody would notice to be dead.
 *
 * | race | who is first | outcome |
 * |---|---|---|
 * | claim, claim, for two due runs | any | each run is taken once, and nobody gets more than he asked for |
 * | renewal of an ended lease, sweep | the renewal | the worker lives on and keeps its run |
 * | | the burial | the worker is told that it is dead; its run is handed back |
 * | claim, sweep of the claimer's own ended lease | the claim | taken, and handed back by this sweep or the next |
 * | | the burial | nothing is taken |
 * | claim, claim and sweep, for the run of a dead worker | any | taken once, after it was handed back |
 *
 * What a worker still writes that has lost a run is in takeover.spec.ts.
 */
import { newId } from '../../../lib/common/ids.js';
import { durable } from '../../../lib/index.js';
import { RaceScene } from '../../support/interleaving/race-scene.js';
import { table } from '../../support/interleaving/table.js';

const LEASE_MS = 10_000;

describe('claims and leases, in every order of statements', () => {
  let scene: RaceScene;

  beforeAll(async () => {
    scene = await RaceScene.set([durable('works').step('work', () => null)]);
  });

  afterEach(async () => {
    expect(await scene.forbiddenTransitions()).toEqual([]);
    await scene.rows('delete from durable.run');
  });

  afterAll(async () => {
    await scene.clear();
  });

  /** A worker whose lease has just ended. */
  async function lapsedWorker(): Promise<string> {
    const id = newId();
    await scene.registerWorker(id, LEASE_MS);
    return id;
  }

  interface Row {
    readonly worker_id: string | null;
    readonly epoch: number;
    readonly status: string;
  }

  async function rowOf(runId: string): Promise<Row> {
    return (await scene.rows<Row>('select worker_id, epoch, status from durable.run where id = $1', [runId]))[0];
  }

  /** Whether a party had committed a statement when another one sent his. */
  function committedBefore(party: string, statement: string, other: string): boolean {
    const sent = scene.events.indexOf(`${party} ${statement}`);
    const committed = scene.events.indexOf(`${party} commit`, sent);
    return sent >= 0 && committed > sent && committed < scene.events.indexOf(other);
  }

  it('claims share what is due', async () => {
    const workers = [newId(), newId(), newId()];
    for (const worker of workers) await scene.registerWorker(worker, 1e9);
    const outcomes = await scene.race(async () => {
      await scene.rows('delete from durable.run');
      const due = [await scene.start('works'), await scene.start('works')];
      const taken: (readonly string[])[] = [];
      const claims = (at: number, limit: number) => async (tools: { claimAs: typeof scene.ungated.claimAs }) => {
        taken[at] = await tools.claimAs(workers[at], limit);
      };
      return {
        parties: { a: claims(0, 1), b: claims(1, 1), c: claims(2, 2) },
        outcome: async () => {
          const rows = await Promise.all(due.map(rowOf));
          const all = taken.flat();
          expect(new Set(all).size).toBe(all.length);
          expect(taken.map(({ length }, at) => length <= [1, 1, 2][at])).toEqual([true, true, true]);
          for (const [at, { worker_id: holder }] of rows.entries()) {
            expect(taken[workers.indexOf(holder!)]).toContain(due[at]);
          }
          return `taken ${all.length}, epochs ${rows.map(({ epoch }) => epoch).join(' ')}`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['taken 2, epochs 1 1']);
    expect(outcomes.length).toBeGreaterThan(20);
  });

  it('a renewal comes in time, or the worker is told that it is dead', async () => {
    const outcomes = await scene.race(async () => {
      await scene.rows('delete from durable.run');
      const worker = await lapsedWorker();
      const run = await scene.begin('works', null, null, worker);
      scene.clock.move(LEASE_MS + 1);
      let renewed: Date | null = null;
      return {
        parties: {
          worker: async ({ workers }) => void (renewed = await workers.renew(worker, LEASE_MS)),
          sweeper: ({ workers }) => workers.sweep(),
        },
        outcome: async () => {
          const { worker_id: holder, epoch } = await rowOf(run.id);
          await scene.rows('delete from durable.worker where id = $1', [worker]);
          return `${renewed ? 'renewed' : 'told'}: ${holder === worker ? 'held' : 'handed back'} at epoch ${epoch}`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['renewed: held at epoch 1', 'told: handed back at epoch 2']);
    expect(outcomes.length).toBeGreaterThan(5);
  });

  it('a claim of a worker that is being buried takes nothing, or nothing for long', async () => {
    const outcomes = await scene.race(async () => {
      await scene.rows('delete from durable.run');
      const worker = await lapsedWorker();
      const runId = await scene.start('works');
      scene.clock.move(LEASE_MS + 1);
      let claimed: readonly string[] = [];
      return {
        parties: {
          worker: async ({ claimAs }) => void (claimed = await claimAs(worker, 1)),
          sweeper: ({ workers }) => workers.sweep(),
        },
        outcome: async () => {
          const buried = committedBefore('sweeper', 'bury-workers', 'worker claim-runs');
          await scene.sweep();
          const { worker_id: holder, status } = await rowOf(runId);
          return `${buried ? 'buried' : 'not yet buried'}: claimed ${claimed.length}, then ${status}, held by ${holder ?? 'nobody'}`;
        },
      };
    });
    expect(table(outcomes)).toEqual([
      'buried: claimed 0, then pending, held by nobody',
      'not yet buried: claimed 1, then pending, held by nobody',
    ]);
  });

  it('the run of a dead worker is taken once, by whoever comes behind the sweep', async () => {
    const outcomes = await scene.race(async () => {
      await scene.rows('delete from durable.run');
      const heirs = [newId(), newId()];
      for (const heir of heirs) await scene.registerWorker(heir, 1e9);
      const run = await scene.begin('works');
      const taken: (readonly string[])[] = [];
      return {
        parties: {
          sweeper: ({ workers }) => workers.sweep(),
          a: async ({ claimAs }) => void (taken[0] = await claimAs(heirs[0], 1)),
          b: async ({ claimAs }) => void (taken[1] = await claimAs(heirs[1], 1)),
        },
        outcome: async () => {
          const { worker_id: holder, epoch } = await rowOf(run.id);
          const claims = taken.flat().length;
          if (claims > 0) expect(taken[heirs.indexOf(holder!)]).toEqual([run.id]);
          return `claimed ${claims}, epoch ${epoch}`;
        },
      };
    });
    expect(table(outcomes)).toEqual(['claimed 0, epoch 2', 'claimed 1, epoch 3']);
    expect(outcomes.length).toBeGreaterThan(50);
  });
});
