/**
 * Generated plans as data: made from a seed in the main process, built into workflows by every worker process, and read
 * by the invariants, which know from it what each run had to do.
 */

/** One thing that a handler does, and how it goes wrong on purpose. */
export interface UnitSpec {
  /** Milliseconds between the beginning of the effect and its end. */
  readonly latency: number;
  /** The first so many attempts throw. */
  readonly failures: number;
  /** Goes on after its abort signal has fired, as most code does. */
  readonly deaf: boolean;
  /** How many attempts of its undo throw, or `null` when it declares none. */
  readonly undo: number | 'always' | null;
}

interface Named {
  readonly name: string;
}

export interface StepSpec extends Named, UnitSpec {
  readonly kind: 'step';
  readonly transactional: boolean;
  /** Stores its progress on the way. */
  readonly heartbeat: boolean;
  /** Suspends itself once, and goes on when it is resumed. */
  readonly asks: boolean;
  /** The first attempt never settles: its timeout ends it. */
  readonly hangs: boolean;
  /** Fails for good. */
  readonly fatal: boolean;
}

export interface BranchSpec extends Named, UnitSpec {}

export type NodeSpec =
  | StepSpec
  | (Named & { readonly kind: 'parallel'; readonly branches: readonly BranchSpec[] })
  | (Named & { readonly kind: 'route'; readonly branches: readonly BranchSpec[] })
  | (Named & UnitSpec & { readonly kind: 'loop'; readonly times: number })
  | (Named & UnitSpec & { readonly kind: 'forEach'; readonly times: number; readonly concurrency: number })
  | (Named & { readonly kind: 'sleep'; readonly ms: number })
  | (Named & { readonly kind: 'signal'; readonly signal: string; readonly timeout: number | null })
  | (Named & { readonly kind: 'any'; readonly signals: readonly string[]; readonly timeout: number | null })
  | (Named & { readonly kind: 'child'; readonly child: string; readonly parentClose: 'cancel' | 'abandon' });

export interface PlanSpec {
  readonly workflow: string;
  readonly version: number;
  readonly nodes: readonly NodeSpec[];
  /** What the second code version adds to this plan under the same version. */
  readonly appended: StepSpec | null;
  /** How a run ends that nobody cancels. */
  readonly ending: 'completed' | 'failed' | 'compensation_failed';
  /** Started only as the child of another run. */
  readonly child: boolean;
}

/** The input of every run. */
export interface SoakInput {
  /** Decides which branch a route takes. */
  readonly choice: number;
}

/** Which code a worker runs: the second one knows further versions, and appends nodes to plans. */
export type CodeVersion = 'first' | 'second';

/** Attempts of undos and of units that use the database: a restarted one may fail them again and again. */
export const STUBBORN_ATTEMPTS = 200;

/** What a step may need at the most: those that use the database themselves fail with it. */
export function attemptsOf(unit: UnitSpec | StepSpec): number {
  const shaky = 'kind' in unit && unit.kind === 'step' && (unit.transactional || unit.heartbeat || unit.hangs);
  return shaky ? STUBBORN_ATTEMPTS : unit.failures + 1;
}

/** The nodes that a code version executes. */
export function nodesOf(plan: PlanSpec, code: CodeVersion): readonly NodeSpec[] {
  return code === 'second' && plan.appended ? [...plan.nodes, plan.appended] : plan.nodes;
}
