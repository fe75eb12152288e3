import { durationMs, parseDuration } from '../common/duration.js';
import { newId } from '../common/ids.js';
import { serializePayload } from '../common/json-payload.js';
import { assertIdempotencyKey, assertName, assertTags } from '../common/names.js';
import type { StandardSchema } from '../definition/plan.js';
import { InvalidOptionError } from '../errors/index.js';
import type { Due, NewRun } from '../storage/contract/records.js';
import type { StartOptions } from './run-options.interface.js';

/** A workflow version that runs can be started of. */
export interface StartableWorkflow {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  /** Validates inputs; absent where this process knows the workflow only from the database. */
  readonly schema?: StandardSchema;
}

/** What messages call an input; with an index, one of several. */
export function inputOf({ name }: StartableWorkflow, index?: number): string {
  return `input ${index === undefined ? '' : `${index} `}of workflow "${name}"`;
}

/** A smallint. */
const PRIORITIES = { lowest: -32_768, highest: 32_767 } as const;

/**
 * Checks everything that a caller hands to `start` and makes the row to insert.
 *
 * @param where what messages call the input.
 * @throws InvalidPayloadError
 * @throws InvalidOptionError
 * @throws InvalidDurationError
 * @throws InvalidNameError
 */
export function planStart(
  workflow: StartableWorkflow,
  input: unknown,
  options: StartOptions,
  defaults: { readonly queue: string; readonly payloadLimit: number },
  where = inputOf(workflow),
): NewRun {
  const { idempotencyKey, priority = 0, queue = defaults.queue, tags, timeout } = options;
  if (idempotencyKey !== undefined) assertIdempotencyKey(idempotencyKey);
  if (options.queue !== undefined) assertName('queue', queue);
  const { lowest, highest } = PRIORITIES;
  if (!Number.isInteger(priority) || priority < lowest || priority > highest) {
    throw new InvalidOptionError('priority', priority, `an integer from ${lowest} to ${highest}`);
  }
  return {
    id: newId(),
    workflow: workflow.name,
    version: workflow.version,
    planHash: workflow.hash,
    queue,
    priority,
    idempotencyKey: idempotencyKey ?? null,
    tags: tags === undefined ? null : tagsOf(tags),
    input: serializePayload(input, { where, limit: defaults.payloadLimit }),
    due: dueOf(options),
    timeoutMs: timeout === undefined ? null : durationMs(timeout, 'option timeout of start'),
    parentId: null,
    parentKey: null,
    parentClose: null,
    trace: null,
    worker: null,
  };
}

/** Each tag once, in the given order. */
function tagsOf(tags: unknown): readonly string[] | null {
  assertTags(tags);
  return tags.length === 0 ? null : [...new Set(tags)];
}

function dueOf({ startAt, delay }: StartOptions): Due {
  if (startAt !== undefined && delay !== undefined) {
    throw new InvalidOptionError('delay', delay, 'absent where startAt is given: a run has one time to begin');
  }
  if (delay === undefined && startAt === undefined) return null;
  const wait = parseDuration(
    startAt ?? delay,
    startAt === undefined ? 'option delay of start' : 'option startAt of start',
  );
  return 'at' in wait ? { at: wait.at } : { delayMs: wait.ms };
}
