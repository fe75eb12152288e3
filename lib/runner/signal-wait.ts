import type { DurableWorkflow } from '../definition/durable-workflow.js';
import type { StandardSchema, WaitForAnyNode, WaitForSignalNode } from '../definition/plan.js';
import { InvalidOptionError } from '../errors/index.js';

type WaitNode = WaitForSignalNode | WaitForAnyNode;

/** Where a run stands, as far as its waits go. */
export interface SignalPlace {
  readonly cursor: number;
  /** The names that the parked run waits for now. */
  readonly awaiting: readonly string[] | null;
}

/** Whether some wait of the workflow validates what a signal of this name carries. A computed name may be any. */
export function mayValidate({ steps }: DurableWorkflow, name: string): boolean {
  return steps.some((node) => {
    if (node.type === 'waitForAny') return node.schemas?.[name] !== undefined;
    if (node.type !== 'waitForSignal' || !node.schema) return false;
    return typeof node.signal === 'function' || node.signal === name;
  });
}

/**
 * The validator of the wait that takes a signal: the first from where the run stands. A name that a method computes is
 * known only while the run waits for it.
 */
export function schemaFor(
  { steps }: DurableWorkflow,
  name: string,
  { cursor, awaiting }: SignalPlace,
): StandardSchema | undefined {
  const taker = steps.find((node, index): node is WaitNode => {
    if (index < cursor) return false;
    if (node.type === 'waitForAny') return node.signals.includes(name);
    if (node.type !== 'waitForSignal') return false;
    if (typeof node.signal === 'string') return node.signal === name;
    return index === cursor && awaiting !== null && awaiting.includes(name);
  });
  return taker?.type === 'waitForAny' ? taker.schemas?.[name] : taker?.schema;
}

/**
 * The name of the signal that somebody means who names the property that waits for it. A signal's own name comes first.
 *
 * @throws InvalidOptionError when a method computes the name, and the run does not wait there now.
 */
export function signalNameOf(
  { steps }: DurableWorkflow,
  name: string,
  place: () => Promise<SignalPlace>,
): string | Promise<string> {
  const waits = steps.filter((node): node is WaitNode => node.type === 'waitForSignal' || node.type === 'waitForAny');
  const known = waits.flatMap<unknown>((node) => (node.type === 'waitForAny' ? node.signals : [node.signal]));
  const node = waits.find((wait) => wait.name === name);
  if (known.includes(name) || node?.type !== 'waitForSignal') return name;
  if (typeof node.signal === 'string') return node.signal;
  return place().then(({ cursor, awaiting }) => {
    if (steps[cursor] === node && awaiting?.[0] !== undefined) return awaiting[0];
    throw new InvalidOptionError(
      'signal name',
      name,
      `the name that "${name}" computes: the run does not wait there now`,
    );
  });
}
