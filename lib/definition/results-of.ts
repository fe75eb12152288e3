import type { Duration } from '../common/duration.js';
import type { DurableContext } from './durable-context.js';

/** True for `any`, which would otherwise satisfy every condition below. */
type IsAny<T> = 0 extends 1 & T ? true : false;

/** Carries the type of a node's result in the return type of its method. Exists in types only. */
declare const NODE_RESULT: unique symbol;

/** A value that says, beside what it is, what the result of its node will be. */
type Announcing<Result> = { readonly [NODE_RESULT]?: Result };

/** The JSON a returned value is journaled as; a step that returns nothing is journaled as `null`. */
type Journaled<T> =
  IsAny<T> extends true ? T : [T] extends [void] ? null : undefined extends T ? Exclude<T, undefined | void> | null : T;

/** The result of a method that returns `T`: what it announces, nothing for a sleep's duration, else `T` itself. */
type Returned<T> =
  IsAny<T> extends true
    ? T
    : typeof NODE_RESULT extends keyof T
      ? T extends Announcing<infer Result>
        ? Exclude<Result, undefined>
        : never
      : [T, Duration] extends [Duration, T]
        ? null
        : Journaled<T>;

/**
 * One declared member's result. A method that takes `(item, ctx)` belongs to a loop or a forEach, whose result is an
 * array; a property belongs to a sleep, a signal or a child.
 */
type ResultOf<M> = M extends (ctx: DurableContext) => infer R
  ? Returned<Awaited<R>>
  : M extends (item: any, ctx: DurableContext) => infer R
    ? Journaled<Awaited<R>>[]
    : M extends (...args: never[]) => unknown
      ? never
      : Journaled<M>;

/**
 * A method that returns nothing but names of its class's methods is a route: its result is the branch that was taken and
 * what that one returned.
 */
type MemberResult<W, K extends keyof W> = W[K] extends (ctx: DurableContext) => infer R
  ? IsRoute<W, Awaited<R>> extends true
    ? RouteResult<W, Awaited<R> & keyof W>
    : ResultOf<W[K]>
  : ResultOf<W[K]>;
type IsRoute<W, R> =
  IsAny<R> extends true ? false : [R] extends [never] ? false : [R] extends [MethodName<W>] ? true : false;
type MethodName<W> = { [K in keyof W & string]: W[K] extends (...args: never[]) => unknown ? K : never }[keyof W &
  string];
type RouteResult<W, Branch extends keyof W> = Branch extends keyof W
  ? { branch: Branch; result: ResultOf<W[Branch]> }
  : never;

/**
 * The results of the branches of a `@Parallel` group. No member of the class has the group's name, so a property that is
 * declared, and exists in types only, says what `ctx.results` has under it.
 *
 * @example
 * ```ts
 * declare readonly notify: BranchesOf<OrderWorkflow, 'email' | 'sms'>;
 * @Parallel('notify') email(ctx: DurableContext<Order>) { return this.mail.send(ctx.input); }
 * @Parallel('notify') sms(ctx: DurableContext<Order>) { return this.phone.send(ctx.input); }
 * ```
 */
export type BranchesOf<W, Branches extends keyof W> = { readonly [Branch in Branches]: ResultOf<W[Branch]> };

/**
 * The results of a workflow by node name, derived from the class where its methods declare their return types.
 *
 * Two kinds of method return something other than their node's result, and say so in their return type: a child's input
 * is a `ChildInput<TheChild>`, a signal's name is a `SignalNameOf<Payload>`; a method of `@Sleep` returns a `Duration`.
 * A route returns names of its branches as literals (`'courier' | 'post'`, as TypeScript infers them), which are methods of
 * the class; a group of parallel branches is declared as a property, see {@link BranchesOf}, else it is `any`.
 *
 * @example
 * ```ts
 * type Results = ResultsOf<OrderWorkflow>; // { charge: Charge; pack: Parcel[]; approval: Approval | null; … }
 * ```
 */
export type ResultsOf<W> =
  IsAny<W> extends true
    ? Record<string, any>
    : { readonly [K in keyof W]: MemberResult<W, K> } & Readonly<Record<string, any>>;

/** Boxed, so that a union within one input stays a union when inputs are intersected. */
type Boxed<Input> = IsAny<Input> extends true ? never : { readonly input: Input };
type InputOfParameter<P> = IsAny<P> extends true ? never : P extends DurableContext ? Boxed<P['input']> : never;
type InputOfMember<M> = M extends (...args: infer A) => unknown
  ? InputOfParameter<NonNullable<A[0]>> | InputOfParameter<NonNullable<A[1]>>
  : never;

/** What all methods ask for at once: the intersection of the inputs that they declare. */
type Intersected<B> = (B extends unknown ? (box: B) => void : never) extends (box: infer I) => void ? I : never;
type Unboxed<B> = [B] extends [never] ? any : Intersected<B> extends { readonly input: infer I } ? I : never;

/**
 * The input of a workflow class: the `Input` of the contexts that its methods take. Methods that take no context, or one
 * without a type, do not count; a class in which none counts takes anything.
 */
export type InputOf<W> = Unboxed<{ [K in keyof W]-?: InputOfMember<W[K]> }[keyof W]>;

/**
 * What a method of `@ChildWorkflow(W)` returns: the input of the child `W`. As a return type it also gives
 * `ctx.results` the type of the child's results.
 *
 * @example
 * ```ts
 * @ChildWorkflow(ShipmentWorkflow)
 * shipment(ctx: DurableContext<Order>): ChildInput<ShipmentWorkflow> { return { orderId: ctx.input.id }; }
 * ```
 */
export type ChildInput<W> = InputOf<W> & Announcing<ResultsOf<W>>;

/**
 * What a method of `@WaitForSignal()` returns: the signal's name. As a return type it also gives `ctx.results` the type
 * of the payload; add `null` when there is a timeout.
 *
 * @example
 * ```ts
 * @WaitForSignal({ timeout: '3d' })
 * approval(ctx: DurableContext<Order>): SignalNameOf<Approval | null> { return `approved-${ctx.input.id}`; }
 * ```
 */
export type SignalNameOf<Payload> = string & Announcing<Payload>;

/** What a property that waits for a signal, or a method that names one, says of the payload. */
type WaitPayload<M> =
  IsAny<M> extends true
    ? any
    : M extends (...args: never[]) => infer R
      ? Awaited<R> extends Announcing<infer Payload>
        ? typeof NODE_RESULT extends keyof Awaited<R>
          ? Exclude<Payload, null | undefined>
          : unknown
        : unknown
      : Exclude<M, null | undefined>;

/** What the waits for one of several signals say of the payload of one: `never` where none does. */
type ChoicePayload<W, Signal extends string> = {
  [K in keyof W]-?: IsAny<W[K]> extends true
    ? never
    : W[K] extends (...args: never[]) => unknown
      ? never
      : PayloadIn<Exclude<W[K], null | undefined>, Signal>;
}[keyof W];
type PayloadIn<Choice, Signal extends string> = Choice extends {
  readonly signal: infer Names;
  readonly payload: infer P;
}
  ? Signal extends Names
    ? P
    : never
  : never;

/**
 * The payload of a signal of a workflow class: by the property that waits for it, or by its own name where a property of
 * `@WaitForAny` lists it. `unknown` for every other name.
 *
 * @example
 * ```ts
 * type Payload = SignalPayloadOf<OrderWorkflow, 'approval'>; // Approval, of `approval!: Approval | null`
 * ```
 */
export type SignalPayloadOf<W, Name extends string> =
  IsAny<W> extends true
    ? any
    : Name extends keyof W
      ? WaitPayload<W[Name]>
      : [ChoicePayload<W, Name>] extends [never]
        ? unknown
        : ChoicePayload<W, Name>;
