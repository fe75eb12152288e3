import { types } from 'node:util';
import { CommanderError } from 'commander';
import { settledWithin } from '../common/settled-within.js';
import type { CliIo } from './cli-io.interface.js';
import { CliError } from './cli.error.js';
import { withoutPasswords } from './connection/redact-url.js';
import { DurableError, SchemaBehindError } from '../errors/index.js';
import { EXIT, exitCodeOf } from './exit-code.js';
import { toJson, visibleLines } from './output/safe-text.js';
import { createProgram } from './program.js';
import { Session } from './session.js';

/** Whoever pressed Ctrl-C waits; a host that does not answer would take seconds. */
const CLOSE_PATIENCE_MS = 2_000;
/** Longer than the default of a shutdown; an application that takes for ever must not keep a script from going on. */
const CLOSE_LIMIT_MS = 30_000;

/**
 * Runs the program. Never throws and never ends the process.
 *
 * @param args without the names of Node and the program.
 * @returns the exit code; `EXIT` says what each means.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const session = new Session(io);
  const code = await attempt(session, args);
  await settledWithin(session.close(), io.interrupted.aborted ? CLOSE_PATIENCE_MS : CLOSE_LIMIT_MS);
  return io.interrupted.aborted ? interruptedCode(io) : code;
}

async function attempt(session: Session, args: readonly string[]): Promise<number> {
  try {
    await createProgram(session).parseAsync([...args], { from: 'user' });
    return session.exitCode;
  } catch (error) {
    const code = exitCodeOf(error);
    if (code !== EXIT.ok && !session.io.interrupted.aborted) report(error, code, args, session.io);
    return code;
  }
}

/** For machines one line of JSON, for people one sentence; never a stack, unless it is asked for. */
function report(error: unknown, exitCode: number, args: readonly string[], { stderr, env }: CliIo): void {
  const { code, message } = described(error);
  const text = withoutPasswords(message);
  if (args.includes('--json')) stderr.write(`${toJson({ error: { code, message: text, exitCode } })}\n`);
  else stderr.write(`${visibleLines(text)}\n${isHelpUnsaid(error) ? 'nest-durable --help says more.\n' : ''}`);
  if (env.NEST_DURABLE_DEBUG && error instanceof Error) stderr.write(`${withoutPasswords(error.stack ?? '')}\n`);
}

/** Commander shows the help where no command is given, and calls that an error. */
function isHelpShown(error: unknown): error is CommanderError {
  return error instanceof CommanderError && error.code === 'commander.help';
}

function isHelpUnsaid(error: unknown): boolean {
  return error instanceof CommanderError && !isHelpShown(error);
}

function described(error: unknown): { readonly code: string; readonly message: string } {
  if (isHelpShown(error)) return { code: 'CLI_USAGE', message: 'No command was given.' };
  if (error instanceof CommanderError) return { code: 'CLI_USAGE', message: error.message.replace(/^error: /, '') };
  if (error instanceof CliError) return error;
  if (!types.isNativeError(error)) return { code: 'CLI_FAILURE', message: String(error) };
  if (error instanceof SchemaBehindError) {
    return { code: error.code, message: `${error.message} From here: nest-durable migrate.` };
  }
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: readonly Error[] };
  // A name with several addresses fails with one error for each, and an empty message.
  const inner = error.message === '' && errors?.[0] ? errors[0] : error;
  const message = inner.message || inner.name;
  const isDatabase = exitCodeOf(error) === EXIT.unreachable && !(error instanceof DurableError);
  if (isDatabase) {
    return {
      code: 'CLI_DATABASE_UNREACHABLE',
      message: `The database cannot be reached: ${message.replace(/\.$/, '')}.`,
    };
  }
  return { code: typeof code === 'string' ? code : 'CLI_FAILURE', message };
}

function interruptedCode({ interrupted }: CliIo): number {
  return typeof interrupted.reason === 'number' ? interrupted.reason : EXIT.interrupted;
}
