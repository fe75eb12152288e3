import { InvalidPayloadError } from '../errors/invalid-payload.error.js';
import { PayloadTooLargeError } from '../errors/payload-too-large.error.js';
import { JsonWriter } from './json-writer.js';
import { PayloadProblem } from './payload-problem.js';
import { TextTooLong } from './text-too-long.js';

export interface PayloadOptions {
  /** What the value is, as errors say it: `input of workflow "order"`. */
  readonly where: string;
  /** Largest size in bytes of UTF-8. */
  readonly limit: number;
}

/** No UTF-16 unit takes more bytes of UTF-8, so a text this many times shorter than the limit need not be measured. */
const MOST_BYTES_A_UNIT = 3;

/**
 * Writes a value as JSON text, if it comes back from that text unchanged: plain objects, arrays, finite numbers (`-0`
 * becomes `0`), strings that are Unicode and hold no NUL, booleans and `null`. `undefined` as a whole is written as
 * `null`, since a step may return nothing.
 *
 * Each property is read once, so that what was checked is what is written, getters and proxies included. `toJSON` is
 * never called.
 *
 * @throws InvalidPayloadError for anything else, with the path of what is wrong and what to do about it.
 * @throws PayloadTooLargeError above `limit`; a value far above it is not written to its end.
 */
export function serializePayload(value: unknown, options: PayloadOptions): string {
  if (value === undefined) return 'null';
  const writer = new JsonWriter(options.limit);
  let text: string;
  try {
    text = writer.write(value, 0);
  } catch (thrown) {
    throw explain(thrown, writer, options);
  }
  if (text.length * MOST_BYTES_A_UNIT <= options.limit) return text;
  const bytes = Buffer.byteLength(text);
  if (bytes > options.limit) throw new PayloadTooLargeError(options.where, bytes, options.limit);
  return text;
}

function explain(thrown: unknown, writer: JsonWriter, { where, limit }: PayloadOptions): InvalidPayloadError {
  if (thrown instanceof TextTooLong) return new PayloadTooLargeError(where, thrown.length, limit, false);
  const path = writer.path();
  if (thrown instanceof PayloadProblem) return new InvalidPayloadError(where, path, thrown.reason, thrown.fix);
  const fix = 'Pass plain data instead of an object that computes its properties';
  return new InvalidPayloadError(where, path, 'throws when it is read', fix, { cause: thrown });
}
