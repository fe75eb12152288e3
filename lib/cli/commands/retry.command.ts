import type { Command } from 'commander';
import { addRunTargets, orderRuns, type OrderRunsArguments, type RunOrder } from '../order-runs.js';
import type { Session } from '../session.js';

interface RetryArguments extends OrderRunsArguments {
  readonly from?: string;
}

const RETRY: RunOrder<RetryArguments> = {
  action: 'retry',
  statuses: ['failed', 'compensation_failed'],
  give: (runner, runId, order, { from }) => runner.retry(runId, { ...order, from }),
};

/** `retry [runIds...]`: sets failed runs going again. */
export function addRetryCommand(program: Command, session: Session): void {
  const command = program
    .command('retry')
    .summary('set failed runs going again')
    .description(
      'Sets failed runs going again: from the node that gave up, or from an earlier one, with their attempts back.',
    );
  addRunTargets(command)
    .option('--from <node>', 'go on from this node; it and every later one are done anew')
    .action((runIds: string[], _: unknown, self: Command) =>
      session.withContext<RetryArguments>(self, (call) => orderRuns(session, call, runIds, RETRY)),
    );
}
