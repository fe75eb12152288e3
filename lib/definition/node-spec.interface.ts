import type { SleepDuration, SignalName } from './node-options.interface.js';

/** How messages speak of what is declared. */
export interface Located {
  /** `node "charge" of workflow "order"`, or `OrderWorkflow.charge`. */
  readonly where: string;
  /** What its name is called: `node name in workflow "order"`. */
  readonly named: string;
}

/** A handler with its options, as declared: nothing is validated yet, so the types say no more than that. */
export interface UnitSpec extends Located {
  readonly name: string;
  readonly handler: unknown;
  readonly options: object | undefined;
}

/**
 * A node as declared, by the builder or by decorators. `checkNode` says what is wrong with it, `createNode` makes a node
 * of the plan from it.
 */
export type NodeSpec =
  | (UnitSpec & { readonly type: 'step' })
  | (UnitSpec & { readonly type: 'loop' })
  | (UnitSpec & { readonly type: 'forEach' })
  | (Located & {
      readonly type: 'parallel';
      readonly name: string;
      readonly entries: readonly UnitSpec[];
      readonly options: object | undefined;
    })
  | (UnitSpec & { readonly type: 'route'; readonly branches: readonly UnitSpec[] })
  | (Located & { readonly type: 'sleep'; readonly name: string; readonly duration: SleepDuration })
  | (Located & {
      readonly type: 'waitForSignal';
      readonly name: string;
      readonly signal: SignalName;
      readonly options: object | undefined;
    })
  | (Located & {
      readonly type: 'waitForAny';
      readonly name: string;
      readonly signals: readonly string[];
      readonly options: object | undefined;
    })
  | (Located & {
      readonly type: 'childWorkflow';
      readonly name: string;
      readonly child: unknown;
      readonly mapInput: unknown;
      readonly options: object | undefined;
    });
