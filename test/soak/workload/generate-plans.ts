import type { Dice } from '../../support/interleaving/dice.js';
import type { BranchSpec, NodeSpec, PlanSpec, StepSpec, UnitSpec } from './plan-spec.js';

/** Plans beside those that cover what every soak has to contain. */
const RANDOM_PLANS = 10;
const CHILD_PLANS = 4;
/** Signals of a run; two waits of one name take them in the order in which they were sent. */
const SIGNALS = ['go', 'stay', 'turn'] as const;

type Maker = (name: string) => NodeSpec;

/**
 * Makes the plans of a soak. The first ones together hold every kind of node, an ending of every kind, nodes that a second
 * code version appends and versions that only that one knows; the rest are random.
 */
export function generatePlans(dice: Dice): readonly PlanSpec[] {
  const chance = (probability: number): boolean => dice.next() < probability;
  const between = (from: number, to: number): number => from + Math.floor(dice.next() * (to - from + 1));
  const unit = (): UnitSpec => ({
    latency: chance(0.3) ? 0 : between(1, 60),
    failures: chance(0.15) ? between(1, 2) : 0,
    deaf: chance(0.5),
    undo: chance(0.6) ? (chance(0.2) ? 1 : 0) : null,
  });
  const step = (name: string, more: Partial<StepSpec> = {}): StepSpec => {
    const plain = { transactional: false, heartbeat: false, asks: false, hangs: false, fatal: false };
    return { kind: 'step', name, ...unit(), ...plain, ...more };
  };
  const branches = (prefix: string): BranchSpec[] =>
    Array.from({ length: between(2, 3) }, (_, index) => ({ name: `${prefix}${index}`, ...unit() }));
  const timeout = (): number | null => (chance(0.5) ? between(50, 600) : null);
  const child = (): NodeSpec => ({
    kind: 'child',
    name: 'child',
    child: `leaf-${between(1, CHILD_PLANS)}`,
    parentClose: chance(0.7) ? 'cancel' : 'abandon',
  });

  const kinds: Record<string, Maker> = {
    step,
    transactional: (name) => step(name, { transactional: true, deaf: false, asks: false }),
    heartbeat: (name) => step(name, { heartbeat: true }),
    asks: (name) => step(name, { asks: true, failures: 0 }),
    hangs: (name) => step(name, { hangs: true, failures: 1, deaf: false }),
    // Longer than it takes to bury a worker that lost its lock: what still writes when others have its runs.
    slow: (name) => step(name, { latency: between(1_000, 2_000), failures: 0, deaf: true }),
    parallel: (name) => ({ kind: 'parallel', name, branches: branches('p') }),
    route: (name) => ({ kind: 'route', name, branches: branches('r') }),
    loop: (name) => ({ kind: 'loop', name, times: between(1, 4), ...unit() }),
    forEach: (name) => ({ kind: 'forEach', name, times: between(0, 6), concurrency: between(1, 3), ...unit() }),
    sleep: (name) => ({ kind: 'sleep', name, ms: between(0, 900) }),
    signal: (name) => ({ kind: 'signal', name, signal: dice.pick(SIGNALS), timeout: timeout() }),
    any: (name) => ({ kind: 'any', name, signals: ['stay', 'turn'], timeout: timeout() }),
  };
  const allKinds = Object.keys(kinds);
  const nodes = (wanted: readonly string[]): NodeSpec[] =>
    wanted.map((kind, index) => kinds[kind](`${kind.toLowerCase()}-${index}`));
  const someKinds = (count: number): string[] => Array.from({ length: count }, () => dice.pick(allKinds));
  const fatal = (): StepSpec => step('fatal', { fatal: true, failures: 0, undo: null, latency: 5 });
  const stubborn = (): StepSpec => step('stubborn', { undo: 'always', failures: 0 });
  const plan = (workflow: string, list: readonly NodeSpec[], more: Partial<PlanSpec> = {}): PlanSpec => {
    const ending = list.some((node) => node.name === 'stubborn') ? 'compensation_failed' : 'failed';
    const fails = list.some((node) => node.name === 'fatal');
    const shape = { version: 1, appended: null, child: false };
    return { workflow, nodes: list, ending: fails ? ending : 'completed', ...shape, ...more };
  };
  /** Undone from one end to the other: what crashes are aimed at. */
  const undoable = (): NodeSpec[] =>
    nodes(['step', 'transactional', 'parallel', 'route', 'loop', 'forEach', 'step']).map(withUndo);

  return [
    ...Array.from({ length: CHILD_PLANS }, (_, index) => {
      const list = nodes(['step', ...someKinds(1), 'transactional']);
      return plan(`leaf-${index + 1}`, index === 3 ? [...list, fatal()] : list, { child: true });
    }),
    plan('everything', [...nodes(allKinds), { kind: 'child', name: 'child', child: 'leaf-1', parentClose: 'cancel' }]),
    plan('undone', [...undoable(), fatal()]),
    plan('undone-later', [...undoable(), ...nodes(['sleep', 'signal']), fatal()]),
    plan('stubborn', [...nodes(['step']).map(withUndo), stubborn(), ...nodes(['transactional']), fatal()]),
    plan(
      'failing-child',
      [
        ...nodes(['step', 'transactional']).map(withUndo),
        { kind: 'child', name: 'child', child: 'leaf-4', parentClose: 'cancel' },
      ],
      { ending: 'failed' },
    ),
    plan('money', nodes(['transactional', 'slow', 'transactional', 'step', 'transactional', 'slow'])),
    plan('two-waits', [
      { kind: 'signal', name: 'first', signal: 'go', timeout: null },
      ...nodes(['transactional']),
      { kind: 'signal', name: 'second', signal: 'go', timeout: null },
    ]),
    plan('growing', nodes(['step', 'sleep', 'transactional']), { appended: step('thanks', { undo: null }) }),
    plan('money', nodes(['step', 'transactional', 'parallel']), { version: 2 }),
    plan('undone', [...undoable(), fatal()], { version: 2 }),
    ...Array.from({ length: RANDOM_PLANS }, (_, index) => {
      const list = nodes(someKinds(between(3, 8)));
      const last = chance(0.3) ? [fatal()] : chance(0.3) ? [child()] : [];
      const failing = last.some((node) => node.kind === 'child' && node.child === 'leaf-4');
      return plan(`random-${index + 1}`, [...list, ...last], failing ? { ending: 'failed' } : {});
    }),
  ];
}

function withUndo(node: NodeSpec): NodeSpec {
  const undo = 0;
  if (node.kind === 'step' || node.kind === 'loop' || node.kind === 'forEach') return { ...node, undo };
  if (node.kind === 'parallel' || node.kind === 'route') {
    return { ...node, branches: node.branches.map((branch) => ({ ...branch, undo })) };
  }
  return node;
}
