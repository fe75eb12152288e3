import { CommanderError } from 'commander';
import {
  DatabaseUnsupportedError,
  EntitiesMissingError,
  IdempotencyConflictError,
  InvalidDurationError,
  InvalidNameError,
  InvalidOptionError,
  InvalidPayloadError,
  PayloadTooLargeError,
  RunNotFoundError,
  RunNotRetryableError,
  RunNotSkippableError,
  SchemaBehindError,
  StoreUnavailableError,
  WorkflowNotRegisteredError,
} from '../errors/index.js';
import { classify, isPrivilegeMissing, sqlState } from '../storage/postgres/sqlstate.js';
import { CliError } from './cli.error.js';

/** How the process ends. `docs/cli.md` has the same table; a test holds the two together. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  impossible: 4,
  unreachable: 5,
  notReady: 6,
  found: 7,
  notCompleted: 8,
  interrupted: 130,
  terminated: 143,
} as const;

export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'it was done, or the answer is yes',
  failure: 'anything that no other code stands for',
  usage: 'a command, option, id, payload or input that cannot be; nothing was done',
  notFound: 'there is no such run, workflow or version',
  impossible: 'the run is in a state in which it cannot be done',
  unreachable: 'the database cannot be reached, or lets nobody in',
  notReady: 'the database is there, and its schema or the privileges are not',
  found: 'a check found something: `doctor`, `check-plans`, `migrate --status`',
  notCompleted: 'the run that was watched ended in another way than completed',
  interrupted: 'SIGINT',
  terminated: 'SIGTERM',
};

const CODES_BY_ERROR: readonly (readonly [abstract new (...args: never[]) => Error, number])[] = [
  [RunNotFoundError, EXIT.notFound],
  [WorkflowNotRegisteredError, EXIT.notFound],
  [RunNotRetryableError, EXIT.impossible],
  [RunNotSkippableError, EXIT.impossible],
  [IdempotencyConflictError, EXIT.impossible],
  [StoreUnavailableError, EXIT.unreachable],
  [SchemaBehindError, EXIT.notReady],
  [DatabaseUnsupportedError, EXIT.notReady],
  [EntitiesMissingError, EXIT.notReady],
  [InvalidOptionError, EXIT.usage],
  [InvalidNameError, EXIT.usage],
  [InvalidDurationError, EXIT.usage],
  [InvalidPayloadError, EXIT.usage],
  [PayloadTooLargeError, EXIT.usage],
];

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const known = CODES_BY_ERROR.find(([type]) => error instanceof type);
  return known ? known[1] : databaseExitCode(error);
}

/** Errors of the driver and of the server, as they come from a connection that has no engine around it. */
function databaseExitCode(error: unknown): number {
  const state = sqlState(error);
  // No such database, or who asks is not let in: nothing was reached that could answer.
  if (state?.startsWith('28') || state === '3D000') return EXIT.unreachable;
  if (state?.startsWith('42P0') || state?.startsWith('3F') || isPrivilegeMissing(error)) return EXIT.notReady;
  return classify(error) === 'transient' ? EXIT.unreachable : EXIT.failure;
}
