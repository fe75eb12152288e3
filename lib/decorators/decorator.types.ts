import type { DurableContext } from '../definition/durable-context.js';

type StepMethod = (ctx: DurableContext) => unknown;
type IterationMethod = (input: any, ctx: DurableContext) => unknown;

/** Stands on a method that takes the context. Names that are symbols are refused: nodes are stored by name. */
export type StepMethodDecorator = <T extends StepMethod>(
  target: object,
  key: string,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

/** Stands on a method that takes an input or item, and the context. */
export type IterationMethodDecorator = <T extends IterationMethod>(
  target: object,
  key: string,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

/** Stands on a property, for which compilers pass no descriptor. */
export type NodePropertyDecorator = (target: object, key: string, descriptor?: undefined) => void;

/** Stands on a property, or on a method that takes the context. */
export type NodeMemberDecorator = (target: object, key: string, descriptor?: PropertyDescriptor) => void;
