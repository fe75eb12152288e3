import { InvalidPayloadError } from './invalid-payload.error.js';
import { cut } from './show-value.js';

/** One thing that a validator found wrong. */
export interface SchemaIssue {
  /** E.g. `$.lines[2].price`. */
  readonly path: string;
  /** What the validator says about it. */
  readonly message: string;
}

/** A message names the first few; all of them are in `issues`. */
const SHOWN_ISSUES = 5;

/**
 * A validator refused an input or the payload of a signal. Nothing was written.
 *
 * @example
 * ```
 * Cannot store the input of workflow "order": $.id is refused by its schema (Required), and so is $.total (Too small).
 * ```
 */
export class SchemaMismatchError extends InvalidPayloadError {
  static override readonly code: string = 'DURABLE_SCHEMA_MISMATCH';

  /** @param issues what the validator found, at least one. */
  constructor(
    where: string,
    readonly issues: readonly SchemaIssue[],
  ) {
    const [first, ...others] = issues;
    super(where, first.path, reasonOf(first, others), 'Correct the value', { code: SchemaMismatchError.code });
  }
}

function reasonOf(first: SchemaIssue, others: readonly SchemaIssue[]): string {
  const shown = others.slice(0, SHOWN_ISSUES - 1).map(({ path, message }) => `${path} (${said(message)})`);
  const left = others.length - shown.length;
  if (left > 0) shown.push(`${left} more`);
  const also = shown.length === 0 ? '' : `, and so ${others.length === 1 ? 'is' : 'are'} ${shown.join(', ')}`;
  return `is refused by its schema (${said(first.message)})${also}`;
}

function said(message: string): string {
  return cut(message, 200).replace(/\.$/, '');
}
