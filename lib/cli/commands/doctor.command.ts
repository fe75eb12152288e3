import type { Command } from 'commander';
import { CliError } from '../cli.error.js';
import { databaseOf } from '../connection/connection-options.js';
import { withoutPasswords } from '../connection/redact-url.js';
import { examine } from '../doctor/examine.js';
import { fail, type Finding } from '../doctor/finding.js';
import { EXIT } from '../exit-code.js';
import type { Style } from '../output/colors.js';
import type { Output } from '../output/output.js';
import { visible } from '../output/safe-text.js';
import type { Invocation, Session } from '../session.js';

interface DoctorArguments {
  readonly strict?: boolean;
}

const MARKS: Readonly<Record<Finding['level'], Style>> = { ok: 'green', warn: 'yellow', fail: 'red' };

/** `doctor`: the database, the schema, the workers and the plans, each with what to do. */
export function addDoctorCommand(program: Command, session: Session): void {
  program
    .command('doctor')
    .summary('examine the database, schema, workers and plans, and say what to do')
    .description(
      'Examines the database (version, settings, clock, pooler), the role, the schema and its indexes, the workers, what is ' +
        'due, and the plans; with --app also against the code. It changes nothing, and ends with 7 where something fails.',
    )
    .option('--strict', 'warnings count as failures')
    .action((_: unknown, command: Command) =>
      session.run<DoctorArguments>(command, async (call) => {
        const findings = await diagnose(session, call);
        const { out, options } = call;
        const bad = findings.filter(({ level }) => level === 'fail' || (options.strict && level === 'warn'));
        out.show({ ok: bad.length === 0, findings }, () => findings.map((finding) => text(out, finding)).join('\n'));
        if (bad.length > 0) session.exitCode = EXIT.found;
      }),
    );
}

/** Without an address the application's own is taken; with one the database is examined even if that does not start. */
async function diagnose(session: Session, { options, io }: Invocation<DoctorArguments>): Promise<Finding[]> {
  if (options.app === undefined || options.url !== undefined || io.env.DATABASE_URL) {
    const address = databaseOf(options, io);
    const { openDatabase } = await import('../connection/open-database.js');
    const database = openDatabase(address);
    try {
      const checkPlans = options.app === undefined ? null : () => checkedPlans(session, options);
      return await examine(database.survey, address.schema, checkPlans);
    } finally {
      await database.close();
    }
  }
  const { survey, engine, runner } = await session.open(options);
  return examine(survey, engine.schemaName, () => runner.checkPlans());
}

/** An application that does not start is a finding, and not the end of the examination. */
async function checkedPlans(
  session: Session,
  options: Invocation<DoctorArguments>['options'],
): Promise<Awaited<ReturnType<Parameters<typeof examine>[2] & object>>> {
  try {
    // --url and --schema are those of the examination.
    return await (await session.open({ ...options, url: undefined, schema: undefined })).runner.checkPlans();
  } catch (error) {
    if (error instanceof CliError) throw error;
    return fail(
      'app',
      `the application does not start: ${withoutPasswords((error as Error).message)}`,
      'Mend what it says.',
    );
  }
}

function text(out: Output, { check, level, message, fix }: Finding): string {
  const line = `${out.paint(MARKS[level], level.padEnd(4))}  ${check.padEnd(26)} ${visible(message)}`;
  return fix === null ? line : `${line}\n      ${visible(fix)}`;
}
