// Covers processes that die at every write of the engine: before it is sent, inside its transaction, before and behind its
// commit, and behind its acknowledgement. One process a moment, really killed there; a clean one finishes what they left.
// Every run ends as one that nobody disturbed. A run of CI takes a sample, by a seed that it prints; `npm run sweep` takes
// all. both-sides-of-every-checkpoint.spec.ts kills hundreds of runs at one time, at their checkpoints.
import { jest } from '@jest/globals';
import { availableParallelism } from 'node:os';
import type { Trail } from '../support/every-checkpoint/trail.js';
import { POINTS } from '../support/failpoints/points.mjs';
import { Dice } from '../support/interleaving/dice.js';
import { firstHits, momentNamed, nameOf, sample, type Moment } from '../support/sweep/moments.js';
import { Sweep } from '../support/sweep/sweep.js';

const { SWEEP_ALL, SWEEP_SAMPLE, SWEEP_TWICE, SWEEP_SEED, SWEEP_ONLY } = process.env;
const all = SWEEP_ALL === '1';
const twice = SWEEP_TWICE === '1';
const seed = SWEEP_SEED ? Number(SWEEP_SEED) : Date.now() % 1_000_000;
const dice = new Dice(seed);

/** In a run of CI: every point once, and some more. */
const SAMPLED = Number(SWEEP_SAMPLE ?? 20);
/** A process waits for the database most of the time. */
const AT_ONE_TIME = availableParallelism() + 1;

jest.setTimeout(all || SWEEP_SAMPLE ? 3 * 60 * 60_000 : 600_000);

const sweeps: Sweep[] = [];

afterEach(async () => {
  await Promise.all(sweeps.splice(0).map((sweep) => sweep.clear()));
});

async function open(...options: Parameters<typeof Sweep.on>): Promise<Sweep> {
  const sweep = await Sweep.on(...options);
  sweeps.push(sweep);
  return sweep;
}

/** Does something for each, a few at one time. */
async function each<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...list];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONE_TIME }, worker));
}

function chosenOf(moments: readonly Moment[]): readonly Moment[] {
  if (SWEEP_ONLY) return SWEEP_ONLY.split(',').map((name) => momentNamed(name.trim()));
  return all ? moments : sample(moments, SAMPLED, dice);
}

/** Swept in processes of their own; and after a purge nothing is left that could be looked at. */
const ELSEWHERE = ['migrate', 'recover', 'purge'];
/** The statements of a migration share a transaction, and there is one migration. */
const MIGRATE = firstHits('migrate', 4);
/** A death is noticed at the third look, so the workers that look are hit at one of the first few. */
const RECOVER = firstHits('recover', 4);
/** Leaves a run behind that somebody held. */
const HELD: Moment = { point: 'step', place: 'before', hit: 1 };

/** Kills the process that migrates an empty database, one for each moment. */
async function sweepMigrations(expected: readonly Trail[]): Promise<void> {
  await each(all ? MIGRATE : [dice.pick(MIGRATE)], async (moment) => {
    const sweep = await open({ empty: true });
    const { died } = await sweep.kill(moment);
    await sweep.finish();
    expect([nameOf(moment), died]).toEqual([nameOf(moment), true]);
    expect(await sweep.problems(expected)).toEqual([]);
  });
}

it('every run ends as if nothing had happened, wherever its process was killed', async () => {
  const sweep = await open();
  const { points, moments } = await sweep.moments();
  const expected = await sweep.expected();
  expect(expected.map(({ status }) => status)).toEqual(['completed', 'failed', 'canceled']);
  expect(Object.keys(POINTS).filter((point) => !points.has(point) && !ELSEWHERE.includes(point))).toEqual([]);
  expect(moments.length).toBeGreaterThan(200);

  const chosen = chosenOf(moments);
  const recovering = SWEEP_ONLY ? [] : all ? RECOVER : [dice.pick(RECOVER), dice.pick(RECOVER)];
  process.stdout.write(`sweep with seed ${seed}: ${chosen.length} of ${moments.length} moments\n`);
  const victims = [
    ...chosen.map((moment) => ({ moment, again: twice ? { ...dice.pick(moments), hit: dice.upTo(4) } : null })),
    ...recovering.map((again) => ({ moment: HELD, again })),
  ];
  const killed = { once: 0, again: 0 };
  await each(victims, async ({ moment, again }) => {
    const victim = await sweep.kill(moment, again);
    if (victim.died) killed.once += 1;
    if (victim.again) killed.again += 1;
    if (all && killed.once % 25 === 0) process.stdout.write(`${killed.once} of ${victims.length} killed\n`);
  });
  await sweep.finish();

  expect(await sweep.problems(expected)).toEqual([]);
  process.stdout.write(`${killed.once} processes killed, ${killed.again} more while they recovered\n`);
  // Batches form differently each time: a moment with a high number may not come.
  expect(killed.once).toBeGreaterThanOrEqual(Math.floor(victims.length * 0.75));
  if (twice) expect(killed.again).toBeGreaterThan(victims.length / 4);
  if (!SWEEP_ONLY) await sweepMigrations(expected);
});
