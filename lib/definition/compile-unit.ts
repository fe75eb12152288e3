import { assertNodeName } from '../common/names.js';
import { DEFAULT_MAX_ATTEMPTS, MAX_ATTEMPTS_LIMIT, defaultBackoff } from '../common/retry-policy.js';
import { InvalidNameError } from '../errors/invalid-name.error.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import type { UnitSpec } from './node-spec.interface.js';
import { NodeOptionReader } from './node-option-reader.js';
import type { AttemptOptions, Backoff, RetryPolicy, RouteBranch, StepHandler } from './plan.js';
import type { ProblemList } from './problem-list.js';

export const ATTEMPT_OPTIONS = ['maxAttempts', 'backoff', 'timeout', 'retryIf'] as const;
export const UNIT_OPTIONS = [...ATTEMPT_OPTIONS, 'compensate'] as const;

/** Attempt options as declared; on a node with branches, what its branches fall back on. */
export type DeclaredOptions = Partial<Omit<AttemptOptions, 'declared'>>;

/** Branches of a parallel group or a route: what a branch does not declare, its node may. */
export function compileBranches(
  specs: readonly UnitSpec[],
  fallback: DeclaredOptions,
  problems: ProblemList,
): RouteBranch[] {
  const names = new Set<string>();
  return specs.map((spec) => {
    problems.attempt(() => assertNodeName(spec.name, spec.named));
    if (names.has(spec.name)) {
      problems.add(new InvalidNameError(spec.named, spec.name, 'another branch of the same node has it; rename one'));
    }
    names.add(spec.name);
    return Object.freeze(
      compileUnit(spec, new NodeOptionReader(spec.options, spec.where, UNIT_OPTIONS, problems), problems, fallback),
    );
  });
}

/** What every unit has. `H` is the type of its handler, and so of what undoes it. */
export function compileUnit<H = StepHandler>(
  spec: UnitSpec,
  options: NodeOptionReader,
  problems: ProblemList,
  fallback: DeclaredOptions = {},
) {
  return {
    name: spec.name,
    handler: handlerOf<H>(spec, 'handler', problems),
    ...effectiveOptions(attemptOptions(options), fallback),
    ...present({ compensate: options.fn<H>('compensate') }),
  };
}

export function handlerOf<H>(spec: UnitSpec, what: string, problems: ProblemList): H {
  if (typeof spec.handler !== 'function') {
    problems.add(new InvalidOptionError(`${what} of ${spec.where}`, spec.handler, 'a function'));
  }
  return spec.handler as H;
}

export function attemptOptions(options: NodeOptionReader): DeclaredOptions {
  return present({
    maxAttempts: options.integer('maxAttempts', 1, MAX_ATTEMPTS_LIMIT),
    backoff: options.fn<Backoff>('backoff'),
    timeoutMs: options.limitMs('timeout'),
    retryIf: options.fn<AttemptOptions['retryIf']>('retryIf'),
  });
}

export function effectiveOptions(own: DeclaredOptions, fallback: DeclaredOptions): AttemptOptions {
  const { maxAttempts, backoff, timeoutMs, retryIf } = { ...fallback, ...own };
  const declared: Partial<RetryPolicy> = Object.freeze(present({ maxAttempts, backoff }));
  return {
    maxAttempts: maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    backoff: backoff ?? defaultBackoff,
    declared,
    ...present({ timeoutMs, retryIf }),
  };
}

/** Without the keys that are undefined: what is absent is absent in the plan, too. */
export function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const found = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
