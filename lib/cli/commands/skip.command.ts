import type { Command } from 'commander';
import { addOrderOptions, orderOf, type OrderArguments } from '../input/order-options.js';
import { readJson } from '../input/parse-input.js';
import type { Session } from '../session.js';

/** `skip <runId> <node> [result]`: gives a node its result by hand. */
export function addSkipCommand(program: Command, session: Session): void {
  const command = program
    .command('skip')
    .summary('give the node that a run stands at its result by hand')
    .description(
      'Records a result by hand for the node that a failed or parked run stands at; the run goes on behind it.',
    )
    .argument('<runId>', 'id of the run')
    .argument('<node>', 'name of the node that it stands at')
    .argument('[result]', 'JSON, @file, or - for standard input (default: null)');
  addOrderOptions(command).action((runId: string, node: string, result: string | undefined, _, self: Command) =>
    session.withContext<OrderArguments>(self, async ({ runner, out, io, options }) => {
      const value = await readJson(result, 'result', io);
      const { accepted, status } = await runner.skip(runId, node, value, orderOf(options, io));
      out.show(
        { runId, action: 'skip', node, accepted, status },
        () => `${runId} goes on behind "${node}" (${status}).`,
      );
    }),
  );
}
