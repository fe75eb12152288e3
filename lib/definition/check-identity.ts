import { assertName } from '../common/names.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { LARGEST_INTEGER } from './compile-node.js';
import type { ProblemList } from './problem-list.js';
import { isStandardSchema } from './standard-schema.js';

/** Adds what is wrong with a workflow's name, version and schema. `where` is what messages call the workflow. */
export function checkIdentity(
  identity: { readonly name: unknown; readonly version?: unknown; readonly schema?: unknown },
  where: string,
  problems: ProblemList,
): void {
  const { name, version, schema } = identity;
  problems.attempt(() => assertName(`name of ${where}`, name));
  if (version !== undefined && !isVersion(version)) {
    problems.add(new InvalidOptionError(`version of ${where}`, version, `an integer from 1 to ${LARGEST_INTEGER}`));
  }
  if (schema !== undefined && !isStandardSchema(schema)) {
    problems.add(new InvalidOptionError(`schema of ${where}`, schema, 'a Standard Schema (zod, valibot, arktype, …)'));
  }
}

/** True for what can be the version of a workflow: what the database's column holds. */
export function isVersion(version: unknown): version is number {
  return Number.isInteger(version) && (version as number) >= 1 && (version as number) <= LARGEST_INTEGER;
}
