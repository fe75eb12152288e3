// Covers a process that dies with hundreds of runs of one plan, each at another of its checkpoints: before it is sent, and
// after it has committed, those of its child, of steps' own transactions and of compensations included. The runs are brought
// to their points in one process, which is killed when all stand there. Each ends as the one that nobody disturbed: same
// outcome, same journal in the same order, same undos. sweep.spec.ts kills a process of its own for every point.
import { jest } from '@jest/globals';
import { Client } from 'pg';
import type { DurableRunner } from '../../lib/index.js';
import { DurableApp, LogBook } from '../support/durable-app.js';
import { FreezingProcess, type KillPoint } from '../support/every-checkpoint/freezing-process.js';
import { harmfulEffects, LEDGERS, trailOf, unitsRepeated, type Trail } from '../support/every-checkpoint/trail.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

jest.setTimeout(120_000);

/** Nothing fails; the last step fails and all is undone; the child fails, and undoes what it did before its parent does. */
const VARIANTS = [{ fails: 'nobody' }, { fails: 'end' }, { fails: 'child' }];

describe('a process that dies on both sides of every checkpoint', () => {
  let database: TestDatabase;
  let client: Client;
  let web: DurableApp;
  const processes: FreezingProcess[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(LEDGERS);
    web = await DurableApp.boot(database.url, { worker: false }, new LogBook());
  });

  afterEach(async () => {
    await Promise.all(processes.splice(0).map((process) => process.kill()));
    await web.close();
    await client.end();
    await database.drop();
  });

  async function startProcess(): Promise<FreezingProcess> {
    const process = await FreezingProcess.start(database.url);
    processes.push(process);
    return process;
  }

  async function rows<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await client.query(text, values)).rows as Row[];
  }

  /** Sends what runs wait for, leaving those alone that stand where they are to be killed, until `done`. */
  async function answerUntil(what: string, process: FreezingProcess, done: () => Promise<boolean>): Promise<void> {
    await eventually(
      what,
      async () => {
        const waiting = await rows<{ id: string; awaiting: string[] }>(
          `select id, awaiting from durable.run where status = 'suspended' and awaiting is not null`,
        );
        for (const { id, awaiting } of waiting) {
          if (!process.frozen.has(id)) await answer(web.runner, id, awaiting[0]);
        }
        return done();
      },
      { within: 60_000 },
    );
  }

  async function allEnded(): Promise<boolean> {
    return (await rows('select from durable.run where finished_at is null limit 1')).length === 0;
  }

  it('brings every run to the end that it comes to undisturbed', async () => {
    const victim = await startProcess();
    const undisturbed = await victim.begin(VARIANTS.map((input) => ({ input, at: null, side: 'before' })));
    await answerUntil('the undisturbed runs to end', victim, allEnded);
    const counts = await victim.counts();
    const expected: Trail[] = [];
    for (const runId of undisturbed) expected.push(await trailOf(client, runId));
    expect(expected.map(({ status }) => status)).toEqual(['completed', 'failed', 'failed']);

    const points = VARIANTS.flatMap((input, variant) =>
      Array.from({ length: counts[undisturbed[variant]] }, (_, index) => index + 1).flatMap((at): KillPoint[] => [
        { input, at, side: 'before' },
        { input, at, side: 'after' },
      ]),
    );
    const disturbed = await victim.begin(points);
    await answerUntil('all runs to stand at their points', victim, () =>
      Promise.resolve(victim.frozen.size === points.length),
    );
    await victim.kill();

    const heir = await startProcess();
    await answerUntil('all runs to end', heir, allEnded);
    for (const [at, runId] of disturbed.entries()) {
      const variant = VARIANTS.indexOf(points[at].input as (typeof VARIANTS)[number]);
      expect({ point: points[at], ...(await trailOf(client, runId)) }).toEqual({
        point: points[at],
        ...expected[variant],
      });
    }
    process.stdout.write(`${points.length} points\n`);
    expect(points.length).toBeGreaterThan(150);
    await expectEffectsToBeHarmless();
  });

  /** What happened twice is what was not journaled, under the same key. */
  async function expectEffectsToBeHarmless(): Promise<void> {
    expect(await harmfulEffects(client)).toEqual([]);
    const repeated = await unitsRepeated(client);
    // Two branches may be under way at one time, and nothing else.
    expect(repeated.filter(({ units }) => units > 2)).toEqual([]);
    expect(repeated.length).toBeGreaterThan(50);
  }
});

async function answer(runner: DurableRunner, runId: string, awaited: string): Promise<void> {
  if (awaited.startsWith('resume:')) await runner.resume(runId, 'you may');
  else await runner.signal(runId, awaited, `${awaited}!`, { id: awaited });
}
