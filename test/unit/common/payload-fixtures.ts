import { serializePayload } from '../../../lib/common/json-payload.js';
import { InvalidPayloadError } from '../../../lib/errors/index.js';

export const LIMIT = 1_048_576;
export const where = 'input of workflow "order"';

export function write(value: unknown, limit = LIMIT): string {
  return serializePayload(value, { where, limit });
}

/** The error that refuses a value; fails when there is none, or another one. */
export function refusal(value: unknown, limit = LIMIT): InvalidPayloadError {
  try {
    write(value, limit);
  } catch (error) {
    if (error instanceof InvalidPayloadError) return error;
    throw error;
  }
  throw new Error('The value was accepted');
}

/** `core` in so many layers of `wrap`. */
export function nested(depth: number, wrap: (inner: unknown) => unknown, core: unknown = 1): unknown {
  let value = core;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}
