import type { Command } from 'commander';
import { WorkflowNotRegisteredError } from '../errors/index.js';
import { CliError } from './cli.error.js';
import { EXIT } from './exit-code.js';
import type { CliIo } from './cli-io.interface.js';
import type { CliContext } from './connection/cli-context.js';
import { databaseOf, type GlobalOptions } from './connection/connection-options.js';
import { Output } from './output/output.js';

/** What a command works with. */
export interface Invocation<Options> {
  readonly options: Options & GlobalOptions;
  readonly out: Output;
  readonly io: CliIo;
}

export type ContextInvocation<Options> = Invocation<Options> & CliContext;

/**
 * One run of the program: opens what a command needs, closes it whatever happens, and keeps the exit code.
 *
 * States: made → a command runs → closed. An interruption ends the command at once; what it had ordered stays ordered.
 */
export class Session {
  /** Set by commands whose answer is an exit code. */
  exitCode = 0;
  private opening: Promise<CliContext> | undefined;

  constructor(readonly io: CliIo) {}

  /** Runs a command that opens what it needs itself. */
  async run<Options>(command: Command, work: (call: Invocation<Options>) => Promise<void>): Promise<void> {
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    const out = new Output(this.io, options.json === true, options.color);
    await this.orInterrupted(work({ options, out, io: this.io }));
  }

  /** Runs a command on a module: the application's with `--app`, else one that has the database alone. */
  async withContext<Options>(
    command: Command,
    work: (call: ContextInvocation<Options>) => Promise<void>,
  ): Promise<void> {
    await this.run<Options>(command, async (call) => {
      const context = await this.open(call.options);
      if (this.io.interrupted.aborted) return;
      await work({ ...call, ...context }).catch(async (error: unknown) => {
        throw await withStoredNames(error, context);
      });
    });
  }

  /** Loaded when it is needed: help and mistakes are answered without loading Nest and TypeORM. */
  open(options: GlobalOptions): Promise<CliContext> {
    this.opening = this.connect(options);
    return this.opening;
  }

  /** Also what is still being opened: an interruption does not wait for it, and nothing may be left of it. */
  async close(): Promise<void> {
    const context = await this.opening?.catch(() => undefined);
    await context?.close();
  }

  private async connect(options: GlobalOptions): Promise<CliContext> {
    if (options.app === undefined) {
      const address = databaseOf(options, this.io);
      const { openUrl } = await import('./connection/open-url.js');
      return openUrl(address);
    }
    if (options.url !== undefined || options.schema !== undefined) {
      throw CliError.usage('--app brings its own database: leave --url and --schema out.');
    }
    const { openApp } = await import('./connection/open-app.js');
    return openApp(options.app, this.io, options.json === true);
  }

  private async orInterrupted(work: Promise<void>): Promise<void> {
    const { interrupted } = this.io;
    const stop = new Promise<void>((resolve) => {
      if (interrupted.aborted) resolve();
      interrupted.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([work, stop]);
    // What is left of the work fails when its connections are closed, and nobody waits for it any more.
    if (interrupted.aborted) work.catch(() => undefined);
  }
}

/** Where there is no code, the workflows are those that some process of the application has stored when it started. */
async function withStoredNames(error: unknown, { hasCode, survey }: CliContext): Promise<unknown> {
  if (hasCode || !(error instanceof WorkflowNotRegisteredError)) return error;
  const known = await survey.workflows();
  const wanted = error.version === undefined ? error.workflow : `${error.workflow}@${error.version}`;
  const listed =
    known.length === 0 ? 'none; they are stored when a process of the application starts' : known.join(', ');
  return new CliError(error.code, EXIT.notFound, `No process has registered workflow "${wanted}". Known: ${listed}.`);
}
