import { assertName } from '../common/names.js';
import { InvalidOptionError } from '../errors/index.js';
import type { OrderedBy } from '../storage/contract/run-repair.contract.js';
import type { OrderOptions } from './run-options.interface.js';

/** A sentence or two; an essay belongs in a ticket, whose number fits here. */
const LONGEST_REASON = 1_000;
/** PostgreSQL holds neither in a text. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/**
 * Who gives an order and why, checked.
 *
 * @throws InvalidNameError
 * @throws InvalidOptionError when the reason cannot be stored.
 */
export function orderedBy({ by, reason }: OrderOptions): OrderedBy {
  if (by !== undefined && by !== null) assertName('by', by);
  if (reason !== undefined && reason !== null) assertReason(reason);
  return { by: by ?? null, reason: reason ?? null };
}

function assertReason(reason: unknown): void {
  if (typeof reason === 'string' && reason.length <= LONGEST_REASON && !UNSTORABLE.test(reason)) return;
  const expectation = `a text of at most ${LONGEST_REASON} characters without \\u0000 and halves of surrogate pairs`;
  throw new InvalidOptionError('reason', reason, expectation);
}
