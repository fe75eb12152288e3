import type { Command } from 'commander';
import type { PlanCheck } from '../../runner/plan-report.interface.js';
import { CliError } from '../cli.error.js';
import { EXIT } from '../exit-code.js';
import type { Style } from '../output/colors.js';
import type { Output } from '../output/output.js';
import { visible } from '../output/safe-text.js';
import type { Session } from '../session.js';

const STYLES: Readonly<Record<PlanCheck['verdict'], Style>> = {
  unchanged: 'green',
  goesOn: 'green',
  stops: 'red',
  notRegistered: 'yellow',
};

/** `check-plans`: what the application's code would do with every run in flight. */
export function addCheckPlansCommand(program: Command, session: Session): void {
  program
    .command('check-plans')
    .summary('say what the code would do with the runs in flight (needs --app)')
    .description(
      'Says what the code of --app would do with every run in flight: go on, stop and why, or leave it alone. For a step ' +
        'of a deployment before the new code takes runs: it ends with 7 where runs would stop.',
    )
    .action((_: unknown, command: Command) =>
      session.withContext(command, async ({ runner, out, hasCode }) => {
        if (!hasCode) {
          throw CliError.usage('check-plans compares runs with the code: say --app dist/app.module.js.');
        }
        const checks = await runner.checkPlans();
        const stops = checks.filter(({ verdict }) => verdict === 'stops').reduce((sum, { runs }) => sum + runs, 0);
        out.show({ ok: stops === 0, stops, checks }, () => table(out, checks));
        out.remark(stops === 0 ? 'No run would stop.' : `${stops} ${stops === 1 ? 'run' : 'runs'} would stop.`);
        if (stops > 0) session.exitCode = EXIT.found;
      }),
    );
}

function table(out: Output, checks: readonly PlanCheck[]): string {
  const rows = out.table<PlanCheck>(
    [
      { head: 'WORKFLOW', value: ({ workflow, version }) => `${workflow}@${version}` },
      { head: 'AT', value: ({ currentNode, currentStep }) => currentNode ?? `step ${currentStep}` },
      { head: 'RUNS', value: ({ runs }) => runs, align: 'right' },
      { head: 'STOPPED NOW', value: ({ stopped }) => stopped, align: 'right' },
      {
        head: 'VERDICT',
        value: ({ verdict }) => verdict,
        paint: (text, { verdict }) => out.paint(STYLES[verdict], text),
      },
      { head: 'EXAMPLE', value: ({ sample }) => sample[0] },
    ],
    checks,
  );
  const reasons = checks.flatMap(({ workflow, version, differences }) =>
    differences.map((difference) => visible(`${workflow}@${version}: ${difference.text}`)),
  );
  return [rows, ...new Set(reasons)].filter((part) => part !== '').join('\n');
}
