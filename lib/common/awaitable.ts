/** A value, or the promise of one: what most often is at hand at once need not wait for a promise. */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with a value: in the same turn where it is at hand. */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
