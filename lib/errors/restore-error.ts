import type { StoredError } from '../storage/contract/records.js';

/**
 * An `Error` with the name, message, code, stack, step and cause of a stored one. It is not an instance of the original
 * class, which may not exist in this process: compare `name` or `code`.
 */
export function restoreError(stored: StoredError): Error & { code?: string; step?: string } {
  const cause = stored.cause === undefined ? undefined : { cause: restoreError(stored.cause) };
  const error: Error & { code?: string; step?: string } = new Error(stored.message, cause);
  define(error, 'name', stored.name);
  define(error, 'stack', stored.stack ?? `${stored.name}: ${stored.message}`);
  if (stored.code !== undefined) error.code = stored.code;
  if (stored.step !== undefined) error.step = stored.step;
  return error;
}

function define(error: Error, key: string, value: string): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true });
}
