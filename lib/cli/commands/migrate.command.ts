import type { Command } from 'commander';
import { assertSchemaName } from '../../common/names.js';
import { CliError } from '../cli.error.js';
import { databaseOf } from '../connection/connection-options.js';
import type { OpenDatabase } from '../connection/open-database.js';
import { EXIT } from '../exit-code.js';
import type { Output } from '../output/output.js';
import type { Invocation, Session } from '../session.js';

interface MigrateArguments {
  readonly sql?: boolean;
  readonly status?: boolean;
  readonly from?: string;
}

/** `migrate`, `migrate --sql`, `migrate --status`: the schema of the database. */
export function addMigrateCommand(program: Command, session: Session): void {
  program
    .command('migrate')
    .summary('bring the schema of the database up to date')
    .description(
      'Brings the schema of the database up to date: what is missing is applied, under a lock, each migration in a ' +
        'transaction. It needs no code; --url and --schema say where.',
    )
    .option('--sql', 'print the SQL instead, for a tool of your own; needs no database')
    .option('--from <migration>', 'with --sql: leave out this migration and all before it')
    .option('--status', 'only say what is missing; ends with 7 when something is')
    .action((_: unknown, command: Command) =>
      session.run<MigrateArguments>(command, async (call) => {
        const { options } = call;
        if (options.app !== undefined) {
          throw CliError.usage('migrate needs no code: leave --app out, and say --url and --schema where they differ.');
        }
        if (options.sql && options.status) throw CliError.usage('--sql or --status: one of them.');
        if (options.from !== undefined && !options.sql) throw CliError.usage('--from goes with --sql.');
        if (options.sql) return printSql(call);
        const { openDatabase } = await import('../connection/open-database.js');
        const database = openDatabase(databaseOf(options, call.io));
        try {
          // Answers at once whether the database can be reached; the manager would try for half a minute.
          await database.survey.clock();
          if (options.status) await showStatus(session, call.out, database);
          else await migrate(call.out, database);
        } finally {
          await database.close();
        }
      }),
    );
}

async function printSql({ out, options }: Invocation<MigrateArguments>): Promise<void> {
  const { durableMigrationSql } = await import('../../storage/postgres/migrations/durable-migration-sql.js');
  if (options.schema !== undefined) assertSchemaName(options.schema);
  let sql: string;
  try {
    sql = durableMigrationSql({ schema: options.schema, from: options.from });
  } catch (error) {
    if (error instanceof RangeError) throw CliError.usage(`--from: ${error.message.replace(/^\w+: /, '')}.`);
    throw error;
  }
  out.show({ sql }, () => sql.trimEnd());
}

async function showStatus(session: Session, out: Output, { survey }: OpenDatabase): Promise<void> {
  const { applied, pending, newer } = await survey.schema();
  const current = pending.length === 0;
  out.show({ current, applied, pending, newer }, () =>
    [
      ...applied.map((name) => `${out.paint('green', 'applied')}  ${name}`),
      ...newer.map((name) => `${out.paint('yellow', 'newer')}    ${name}`),
      ...pending.map((name) => `${out.paint('red', 'pending')}  ${name}`),
    ].join('\n'),
  );
  if (!current) out.remark('Run `nest-durable migrate`, or `nest-durable migrate --sql` with a tool of your own.');
  if (!current) session.exitCode = EXIT.found;
}

async function migrate(out: Output, { schema }: OpenDatabase): Promise<void> {
  const applied = await schema.migrate();
  out.show({ applied }, () =>
    applied.length === 0
      ? 'The schema is current; nothing was done.'
      : applied.map((name) => `applied  ${name}`).join('\n'),
  );
}
