import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCancelCommand } from './commands/cancel.command.js';
import { addCheckPlansCommand } from './commands/check-plans.command.js';
import { addDashboardCommand } from './commands/dashboard.command.js';
import { addDoctorCommand } from './commands/doctor.command.js';
import { addExplainCommand } from './commands/explain.command.js';
import { addListCommand } from './commands/list.command.js';
import { addMigrateCommand } from './commands/migrate.command.js';
import { addMigrateRunsCommand } from './commands/migrate-runs.command.js';
import { addPauseCommand, addUnpauseCommand } from './commands/pause.command.js';
import { addPlanCommand } from './commands/plan.command.js';
import { addPurgeCommand } from './commands/purge.command.js';
import { addResumeCommand } from './commands/resume.command.js';
import { addRetryCommand } from './commands/retry.command.js';
import { addSignalCommand } from './commands/signal.command.js';
import { addSkipCommand } from './commands/skip.command.js';
import { addStartCommand } from './commands/start.command.js';
import { addStatusCommand } from './commands/status.command.js';
import { addTerminateCommand } from './commands/terminate.command.js';
import { addWorkersCommand } from './commands/workers.command.js';
import type { Session } from './session.js';

const COMMANDS = [
  ...[addStatusCommand, addListCommand, addExplainCommand, addStartCommand, addSignalCommand, addResumeCommand],
  ...[addCancelCommand, addRetryCommand, addSkipCommand, addPauseCommand, addUnpauseCommand, addTerminateCommand],
  ...[addPlanCommand, addCheckPlansCommand, addMigrateRunsCommand, addPurgeCommand],
  ...[addMigrateCommand, addWorkersCommand, addDoctorCommand, addDashboardCommand],
];

/** The program with all of its commands. It throws where commander would end the process. */
export function createProgram(session: Session): Command {
  const { stdout, stderr } = session.io;
  const program = new Command('nest-durable')
    .description(
      'Looks at durable runs and gives them orders. It needs the database alone, and the code where it says so.',
    )
    .version(packageVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .option(
      '--url <url>',
      'address of the database (default: DATABASE_URL, which keeps it out of the list of processes)',
    )
    .option('--schema <name>', 'schema of the tables (default: "durable")')
    .option('--app <path#Export>', 'module of the application, for what needs its code: dist/app.module.js#AppModule')
    .option('--json', 'answer in JSON, one line a value; errors too, on stderr')
    .option('--no-color', 'no colours (also: NO_COLOR)')
    .exitOverride()
    // With --json nothing but JSON is said, and errors are reported where all others are.
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns ?? 100,
    })
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showSuggestionAfterError();
  for (const add of COMMANDS) add(program, session);
  return program;
}

/** The manifest is the nearest one above this file, both in the sources and in what is built. */
function packageVersion(): string {
  for (let folder = new URL('.', import.meta.url); folder.pathname !== '/'; folder = new URL('..', folder)) {
    try {
      const manifest = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
        readonly name?: string;
        readonly version?: string;
      };
      if (manifest.name === 'nest-durable') return manifest.version ?? '';
    } catch {
      // Not here; one folder up.
    }
  }
  return 'unknown';
}
