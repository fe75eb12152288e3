import type { Command } from 'commander';
import { parseInteger } from '../input/parse-input.js';
import { runText } from '../output/run-text.js';
import type { Session } from '../session.js';
import { DEFAULT_INTERVAL_MS, exitCodeOfEnd, watchRun } from '../watch-run.js';

interface StatusOptions {
  readonly watch?: boolean;
  readonly interval: number;
}

/** `status <runId>`: a run from all sides; with `--watch` what happens to it until it ends. */
export function addStatusCommand(program: Command, session: Session): void {
  program
    .command('status')
    .summary('show a run: where it stands and why, its journal, its orders')
    .description('Shows a run: where it stands and why, what it has done, its children, and who ordered what.')
    .argument('<runId>', 'id of the run')
    .option('-w, --watch', 'go on until the run ends, a line for everything that happens')
    .option(
      '--interval <ms>',
      'how often --watch looks',
      parseInteger('--interval', 50, 3_600_000),
      DEFAULT_INTERVAL_MS,
    )
    .action((runId: string, _: unknown, command: Command) =>
      session.withContext<StatusOptions>(command, async ({ runner, out, io, options }) => {
        if (options.watch) {
          const ended = await watchRun(runner, runId, { out, io, intervalMs: options.interval });
          session.exitCode = exitCodeOfEnd(ended);
          return;
        }
        const run = await runner.find(runId, { journal: true, children: true });
        const [explanation, operations] = [await runner.explain(runId), await runner.operations(runId)];
        out.show({ run, explanation, operations }, () => runText(out, run, explanation, operations));
      }),
    );
}
