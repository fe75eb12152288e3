/** A value, or the promise of one: what most often is at hand at once need not wait for a promise. */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with a value: in the same turn where it is at hand. */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/**
 * The promise of what `work` comes to, or rejected with what it throws. An `async` function would do the same with one promise
 * more where `work` has one already, and hold both.
 */
export function promised<T>(work: () => Awaitable<T>): Promise<T> {
  try {
    const value = work();
    return value instanceof Promise ? value : Promise.resolve(value);
  } catch (error) {
    return Promise.reject(error);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
