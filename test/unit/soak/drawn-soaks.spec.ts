// Covers what a soak draws from its seed: the same again for the same seed, every kind of node and fault, and how much of it
// has to have happened. The invariants are in test/integration/soak.
import { lacking, type SoakCounts } from '../../soak/minima.js';
import { drawFaultPlan, FAULT_KINDS } from '../../soak/nemesis/fault-plan.js';
import { generatePlans } from '../../soak/workload/generate-plans.js';
import { Dice } from '../../support/interleaving/dice.js';

const SECONDS_40 = 40_000;
const MINUTES_30 = 1_800_000;
const some = (count: number): SoakCounts => ({
  ...{ kills: count, restarts: count, takeovers: count },
  ...{ fencedWrites: count, unknownCommits: count, crashesInUndo: count },
});

it('draws the same plans and faults from one seed, and others from another', () => {
  const draw = (seed: number): string => {
    const dice = new Dice(seed);
    return JSON.stringify([generatePlans(dice), drawFaultPlan(dice, SECONDS_40)]);
  };
  expect(draw(7)).toBe(draw(7));
  expect(draw(7)).not.toBe(draw(8));
});

it.each([1, 2, 3, 4, 5])('has every kind of node and of ending in its plans (seed %d)', (seed) => {
  const plans = generatePlans(new Dice(seed));
  const kinds = new Set(plans.flatMap(({ nodes }) => nodes.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual(
    ['any', 'child', 'forEach', 'loop', 'parallel', 'route', 'signal', 'sleep', 'step'].sort(),
  );
  expect(new Set(plans.map(({ ending }) => ending))).toEqual(new Set(['completed', 'failed', 'compensation_failed']));
  expect(plans.some(({ appended }) => appended !== null)).toBe(true);
  expect(plans.some(({ version }) => version === 2)).toBe(true);
  const steps = plans.flatMap(({ nodes }) => nodes.filter((node) => node.kind === 'step'));
  for (const trait of ['transactional', 'heartbeat', 'asks', 'hangs', 'fatal'] as const) {
    expect(steps.some((step) => step[trait])).toBe(true);
  }
});

it('does every kind of fault at least once, in the order of their times and within them', () => {
  const plan = drawFaultPlan(new Dice(1), SECONDS_40);
  const times = plan.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(Math.max(...times)).toBeLessThanOrEqual(SECONDS_40);
  expect(new Set(plan.map(({ kind }) => kind))).toEqual(
    new Set(FAULT_KINDS.map((kind) => kind.replace(/^(restart)-.*|^outage/, 'restart').replace('trap-undo', 'trap'))),
  );
  expect(drawFaultPlan(new Dice(1), MINUTES_30).filter(({ kind }) => kind === 'restart').length).toBeGreaterThan(60);
});

it('draws only the kinds that are asked for', () => {
  const plan = drawFaultPlan(new Dice(1), SECONDS_40, ['kill', 'term']);
  expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(['kill', 'term']));
});

it('calls a soak vacuous that did less than its length asks for, and at least one of each', () => {
  expect(lacking(some(499), MINUTES_30)).toEqual({ kills: 500 });
  expect(lacking(some(19), MINUTES_30)).toEqual({
    ...{ kills: 500, restarts: 50, takeovers: 100 },
    ...{ fencedWrites: 20, unknownCommits: 20, crashesInUndo: 20 },
  });
  expect(lacking(some(0), SECONDS_40)).toEqual({ ...some(1), kills: 5 });
  expect(lacking({ ...some(1), kills: 5 }, SECONDS_40)).toEqual({});
});
