import type { Command } from 'commander';
import { CliError } from '../cli.error.js';
import { addByOption, orderOf, type OrderArguments } from '../input/order-options.js';
import { readJson } from '../input/parse-input.js';
import type { Session } from '../session.js';

/** `resume <runId> [data]`: enters a suspended step again. */
export function addResumeCommand(program: Command, session: Session): void {
  const command = program
    .command('resume')
    .summary('enter a suspended step again')
    .description('Enters the step that a run is suspended in again, where ctx.resumeData() returns the data.')
    .argument('<runId>', 'id of the run')
    .argument('[data]', 'JSON, @file, or - for standard input (default: null)');
  addByOption(command).action((runId: string, data: string | undefined, _: unknown, self: Command) =>
    session.withContext<OrderArguments>(self, async ({ runner, out, io, options }) => {
      const { accepted, status } = await runner.resume(runId, await readJson(data, 'data', io), {
        by: orderOf(options, io).by,
      });
      if (!accepted) throw CliError.impossible(`Run ${runId} (${status}) is in no suspended step; nothing was stored.`);
      out.show({ runId, action: 'resume', accepted, status }, () => `${runId} goes on in its suspended step.`);
    }),
  );
}
