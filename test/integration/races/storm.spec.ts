/*
 * Covers families of runs that end, are signalled, canceled and terminated at random by several workers for some seconds: all
 * end, the database never has to break a deadlock, and nothing is written twice or lost. The single races are in
 * children.spec.ts.
 */
import { jest } from '@jest/globals';
import { durable, type DurableRunner } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Dice } from '../../support/interleaving/dice.js';
import { inTurn } from '../../support/interleaving/in-turn.js';

jest.setTimeout(240_000);

const apps = new DurableApps();
const ask = inTurn((text: string) => apps.sql(text));
const seed = Date.now() % 1_000_000;
const dice = new Dice(seed);
const STORM_MS = 4_000;
/** A slow machine needs longer until enough has happened; one that never gets there fails. */
const LONGEST_STORM_MS = 60_000;
/** Of each kind, that were accepted. */
const ENOUGH_DEEDS = 10;
const STARTERS = 2;
const TROUBLEMAKERS = 6;

const undoable = { compensate: () => undefined };
const plans = [
  durable('leaf')
    .step('begin', () => 1, undoable)
    .waitForSignal('approval', 'go', { timeout: '80ms' })
    .step('end', (ctx) => ctx.manager.query('select 1 as one'), { transactional: true, ...undoable }),
  ...(['cancel', 'terminate', 'abandon'] as const).flatMap((parentClose) => [
    durable(`middle-${parentClose}`)
      .step('begin', () => 1, undoable)
      .childWorkflow('child', 'leaf', undefined, { parentClose }),
    durable(`top-${parentClose}`).childWorkflow('child', `middle-${parentClose}`, undefined, { parentClose }),
  ]),
];
const DEEDS = ['signal', 'cancel', 'terminate'] as const;
const tops = plans.map(({ name }) => name).filter((name) => name.startsWith('top'));

/** Does something to a run that has not ended, if there is one. */
async function trouble(runner: DurableRunner, counts: Record<string, number>): Promise<void> {
  const deed = dice.pick(DEEDS);
  const target = deed === 'signal' ? 'awaiting is not null' : 'finished_at is null';
  const [run] = await ask(`select id from durable.run where ${target} order by random() limit 1`);
  if (!run) return dice.moment(10);
  const { accepted } = await (deed === 'signal' ? runner.signal(run.id, 'go', 1) : runner[deed](run.id));
  if (accepted) counts[deed] = (counts[deed] ?? 0) + 1;
}

it('ends all runs of families in trouble, without a deadlock', async () => {
  const worker = { concurrency: 20 };
  const booted = [];
  for (let app = 0; app < 3; app++) booted.push(await apps.boot({ workflows: plans, worker }));
  const runners = booted.map(({ runner }) => runner);
  const counts: Record<string, number> = {};
  const began = performance.now();
  const isOver = (): boolean => {
    const enough = DEEDS.every((deed) => (counts[deed] ?? 0) > ENOUGH_DEEDS);
    return performance.now() - began > (enough ? STORM_MS : LONGEST_STORM_MS);
  };
  const again = async (work: () => Promise<unknown>): Promise<void> => {
    while (!isOver()) await work();
  };
  const start = async (): Promise<void> => {
    await dice.pick(runners).startMany(dice.pick(tops), [1, 2, 3]);
    await dice.moment(60);
  };
  await Promise.all([
    ...Array.from({ length: STARTERS }, () => again(start)),
    ...Array.from({ length: TROUBLEMAKERS }, () => again(() => trouble(dice.pick(runners), counts))),
  ]);

  await eventually(
    'all runs to end',
    async () => (await ask('select from durable.run where finished_at is null limit 1')).length === 0,
    { within: 60_000 },
  );
  const statuses = await apps.sql<{ status: string; runs: number }>(
    'select status, count(*)::int as runs from durable.run group by 1 order by 1',
  );
  const [{ deadlocks }] = await apps.sql<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  process.stdout.write(`${JSON.stringify({ seed, counts, deadlocks, statuses })}\n`);
  expect({ deadlocks, lines: apps.log.lines.filter((line) => line.includes('deadlock')) }).toEqual({
    deadlocks: '0',
    lines: [],
  });
  expect(apps.log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  expect(statuses.map(({ status }) => status)).toEqual(['canceled', 'completed', 'failed']);
  for (const deed of DEEDS) expect(counts[deed]).toBeGreaterThan(ENOUGH_DEEDS);
});
