import { NestFactory } from '@nestjs/core';
import type { LoggerService } from '@nestjs/common';
import { SWITCHES } from '../../durable-options.resolver.js';
import { CliError } from '../cli.error.js';
import type { CliIo } from '../cli-io.interface.js';
import { visibleLines } from '../output/safe-text.js';
import type { CliContext } from './cli-context.js';
import { contextOf } from './context-of.js';
import { loadModule } from './load-module.js';
import { withoutPasswords } from './redact-url.js';

/**
 * Boots a module of the application without serving anything: its workflows, their validators and its DataSource are
 * there, its worker is off and its schema is left as it is, whatever the module itself says.
 *
 * @param app see `loadModule`.
 * @param json what the application logs is left out: stderr is for machines.
 * @throws CliError when the module cannot be loaded or imports no `DurableModule`; what its start throws.
 */
export async function openApp(app: string, io: CliIo, json: boolean): Promise<CliContext> {
  const restore = switchOff();
  try {
    const module = await loadModule(app, io.cwd);
    const context = await NestFactory.createApplicationContext(module, {
      logger: json ? false : logTo(io),
      abortOnError: false,
    });
    try {
      return contextOf(context, true);
    } catch (error) {
      await context.close();
      throw notDurable(app, error);
    }
  } finally {
    restore();
  }
}

/** Options are read while modules are loaded and made, which is over when the application is up. */
function switchOff(): () => void {
  const before = Object.values(SWITCHES).map((name) => [name, process.env[name]] as const);
  for (const [name] of before) process.env[name] = 'off';
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

function notDurable(app: string, error: unknown): CliError {
  return CliError.usage(
    `--app: no module of ${app} imports the DurableModule of this package (${(error as Error).message}). ` +
      'Run the nest-durable that the application itself depends on.',
  );
}

/** What goes wrong in the application is said on stderr; its greetings are not. */
function logTo({ stderr }: CliIo): LoggerService {
  const write = (message: unknown, ...details: unknown[]): void => {
    // What keeps the application from starting is thrown, too, and reported where all errors are.
    if (details.includes('ExceptionHandler')) return;
    const text = message instanceof Error ? message.message : String(message);
    stderr.write(`${visibleLines(withoutPasswords(text))}\n`);
  };
  const nothing = (): void => undefined;
  return { log: nothing, debug: nothing, verbose: nothing, warn: write, error: write, fatal: write };
}
