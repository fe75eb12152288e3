import type { Command } from 'commander';
import { visible } from '../output/safe-text.js';
import type { Session } from '../session.js';

/** `explain <runId>`: why a run is where it is. */
export function addExplainCommand(program: Command, session: Session): void {
  program
    .command('explain')
    .summary('say why a run is where it is, and what moves it on')
    .description('Says in two sentences why a run is where it is, and what moves it on or what to do about it.')
    .argument('<runId>', 'id of the run')
    .action((runId: string, _: unknown, command: Command) =>
      session.withContext(command, async ({ runner, out }) => {
        const explanation = await runner.explain(runId);
        out.show(explanation, () => `${visible(explanation.summary)}\n${visible(explanation.next)}`);
      }),
    );
}
