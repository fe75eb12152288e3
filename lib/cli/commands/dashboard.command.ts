import type { Command } from 'commander';
import { CliError } from '../cli.error.js';
import { databaseOf } from '../connection/connection-options.js';
import { parseInteger } from '../input/parse-input.js';
import type { Invocation, Session } from '../session.js';

interface DashboardArguments {
  readonly port: number;
  readonly host: string;
  readonly readOnly?: boolean;
  readonly by?: string;
}

/** Free on most machines, and easy to remember; 0 takes any that is free. */
const DEFAULT_PORT = 4747;

/** `dashboard`: the dashboard as a process of its own, until it is interrupted. */
export function addDashboardCommand(program: Command, session: Session): void {
  program
    .command('dashboard')
    .summary('serve the dashboard, on this machine alone')
    .description(
      'Serves the dashboard for a database, without any code of the application, until Ctrl-C. It lets in who has the ' +
        'address that it prints, or the token of NEST_DURABLE_DASHBOARD_TOKEN. Needs @nestjs/platform-express.',
    )
    .option('-p, --port <port>', 'port; 0 takes a free one', parseInteger('--port', 0, 65_535), DEFAULT_PORT)
    .option('--host <host>', 'address to listen on; beyond this machine it needs TLS in front of it', '127.0.0.1')
    .option('--read-only', 'nothing can be changed, and no payload is seen')
    .option('--by <who>', 'who gives the orders, for the audit trail (default: the user of the system)')
    .action((_: unknown, command: Command) =>
      session.run<DashboardArguments>(command, async (call) => {
        if (call.options.app !== undefined) {
          throw CliError.usage(
            'dashboard needs no code: leave --app out, or mount DurableDashboardModule in the application.',
          );
        }
        await serve(call);
      }),
    );
}

async function serve({ options, out, io }: Invocation<DashboardArguments>): Promise<void> {
  const { url, schema } = databaseOf(options, io);
  const { port, host, readOnly, by = io.user } = options;
  const token = io.env.NEST_DURABLE_DASHBOARD_TOKEN || undefined;
  const { openDatabase } = await import('../connection/open-database.js');
  const database = openDatabase({ url, schema });
  try {
    // Says at once, and in the words of every command, that the database cannot be reached.
    await database.survey.clock();
  } finally {
    await database.close();
  }
  const { startDashboard } = await import('../../dashboard/index.js');
  const dashboard = await startDashboard({ url, schema, port, host, token, readOnly, user: by });
  try {
    out.show(
      { url: dashboard.url, loginUrl: dashboard.loginUrl },
      () => `The dashboard is open: ${dashboard.loginUrl}`,
    );
    out.remark('Ctrl-C ends it.');
    await interruption(io.interrupted);
  } finally {
    await dashboard.close();
  }
}

function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
