/** Marks the errors of every copy of this package in a process, so that they recognise each other. */
const BRAND = Symbol.for('nest-durable.error');

/**
 * The base of every error that this package throws.
 *
 * Guarantees: `code` never changes between releases; `name` is the class's name; fields are plain data that may be
 * logged. `instanceof` also holds across two copies of the package (an application and a library that bring one each,
 * or ESM beside CommonJS): it compares the codes of the classes instead of their identities.
 *
 * @example
 * ```ts
 * catch (error) {
 *   if (error instanceof RunNotFoundError) throw new NotFoundException(error.message);
 *   throw error;
 * }
 * ```
 */
export class DurableError extends Error {
  /** Set by each class of the package; classes that users derive have none of their own. */
  static readonly code: string;

  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
  }

  /** Never throws, whatever `value` is: handlers may throw proxies. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    try {
      return Function.prototype[Symbol.hasInstance].call(this, value) || isForeignInstance(this, value);
    } catch {
      return false;
    }
  }
}

Object.defineProperty(DurableError.prototype, BRAND, { value: true });

/** True when `value` was made by the class with the same code, or one derived from it, of another copy. */
function isForeignInstance(type: typeof DurableError, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || (value as Record<symbol, unknown>)[BRAND] !== true) return false;
  if (type === DurableError) return true;
  if (!Object.hasOwn(type, 'code')) return false;
  for (let at: unknown = value.constructor; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, 'code') && (at as typeof DurableError).code === type.code) return true;
  }
  return false;
}
