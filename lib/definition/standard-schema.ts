import { pathSegment } from '../common/path-segment.js';
import { SchemaMismatchError, type SchemaIssue } from '../errors/schema-mismatch.error.js';
import type { StandardSchema } from './plan.js';

/** True for a validator that follows https://standardschema.dev version 1; some are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Partial<StandardSchema>)['~standard'];
  return standard?.version === 1 && typeof standard.validate === 'function';
}

/**
 * What a validator makes of a value: that is what is stored. Validators may be asynchronous, and may convert.
 *
 * @param where what the value is, e.g. `input of workflow "order"`.
 * @throws SchemaMismatchError with every issue; and whatever the validator itself throws.
 */
export async function validated(schema: StandardSchema | undefined, value: unknown, where: string): Promise<unknown> {
  if (!schema) return value;
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ message, path }): SchemaIssue => ({ path: pathOf(path ?? []), message }));
  throw new SchemaMismatchError(where, issues.length > 0 ? issues : [{ path: '$', message: 'no issue was named' }]);
}

/** A segment is a key, or an object that has one. */
function pathOf(segments: readonly unknown[]): string {
  const keys = segments.map((segment) => {
    return typeof segment === 'object' && segment !== null ? (segment as { readonly key: unknown }).key : segment;
  });
  return `$${keys.map((key) => pathSegment(typeof key === 'number' ? key : String(key))).join('')}`;
}
