import type { Command } from 'commander';
import type { MigrationResult } from '../../runner/plan-report.interface.js';
import { EXIT } from '../exit-code.js';
import { confirm } from '../input/confirm.js';
import { addOrderOptions, orderOf, type OrderArguments } from '../input/order-options.js';
import { collect, collectPairs, parseInteger, parseWorkflow } from '../input/parse-input.js';
import type { Column } from '../output/table.js';
import type { Session } from '../session.js';

interface MigrateRunsArguments extends OrderArguments {
  readonly to: number;
  readonly map?: Readonly<Record<string, string>>;
  readonly hash?: string;
  readonly run?: readonly string[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const COLUMNS: readonly Column<MigrationResult>[] = [
  { head: 'RUN', value: ({ runId }) => runId },
  { head: 'OUTCOME', value: ({ outcome }) => outcome },
  { head: 'FROM', value: ({ from }) => `@${from.version} step ${from.currentStep}` },
  { head: 'TO', value: ({ to }) => to && `@${to.version} step ${to.currentStep}` },
  { head: 'WHY NOT', value: ({ reasons }) => reasons.join('; '), shrinks: true },
];

const VERSIONS = [1, 2_147_483_647] as const;

/** `migrate-runs <workflow> --to <version>`: moves runs to another version of their workflow. */
export function addMigrateRunsCommand(program: Command, session: Session): void {
  const command = program
    .command('migrate-runs')
    .summary('move runs to another version of their workflow')
    .description(
      'Moves runs that no worker holds to another version of their workflow, or to the changed plan of their own. It says ' +
        'first what it would do, and asks; with --dry-run that is all.',
    )
    .argument('<workflow>', 'name, or name@version to move runs of that version only')
    .requiredOption('--to <version>', 'the version to move to', parseInteger('--to', ...VERSIONS))
    .option('--map <former=present>', 'a node that has another name there; may be said several times', collectPairs)
    .option('--hash <planHash>', 'only runs that were executed by this plan')
    .option('--run <runId>', 'only this run; may be said several times', collect)
    .option('--dry-run', 'only say what would be done')
    .option('-y, --yes', 'do not ask');
  addOrderOptions(command).action((workflow: string, _: unknown, self: Command) =>
    session.withContext<MigrateRunsArguments>(self, async ({ runner, out, io, options }) => {
      const { name, version } = parseWorkflow(workflow);
      const { to, map, hash: planHash, run: runIds, dryRun } = options;
      const migrate = (dry: boolean): Promise<readonly MigrationResult[]> =>
        runner.migrate(
          { workflow: name, version, planHash, runIds },
          { to, map, dryRun: dry, ...orderOf(options, io) },
        );
      let results = await migrate(true);
      const movable = count(results, 'movable');
      if (!dryRun && movable > 0) {
        await confirm(io, `Move ${movable} of ${results.length} runs of ${name} to version ${to}`, options.yes);
        results = await migrate(false);
      }
      const [moved, refused] = [count(results, 'moved'), count(results, 'refused')];
      out.show({ dryRun: dryRun === true, moved, movable: count(results, 'movable'), refused, results }, () =>
        out.table(COLUMNS, results),
      );
      out.remark(dryRun ? `${movable} would move, ${refused} would not.` : `${moved} moved, ${refused} refused.`);
      if (refused > 0) session.exitCode = EXIT.impossible;
    }),
  );
}

function count(results: readonly MigrationResult[], wanted: MigrationResult['outcome']): number {
  return results.filter(({ outcome }) => outcome === wanted).length;
}
