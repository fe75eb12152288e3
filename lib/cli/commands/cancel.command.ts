import type { Command } from 'commander';
import { addRunTargets, orderRuns, type OrderRunsArguments, type RunOrder } from '../order-runs.js';
import type { Session } from '../session.js';

interface CancelArguments extends OrderRunsArguments {
  readonly compensate: boolean;
}

const CANCEL: RunOrder<CancelArguments> = {
  action: 'cancel',
  statuses: ['pending', 'running', 'suspended'],
  give: (runner, runId, { by, reason }, { compensate }) => runner.cancel(runId, reason, { by, compensate }),
};

/** `cancel [runIds...]`: ends runs in order, undoing what completed. */
export function addCancelCommand(program: Command, session: Session): void {
  const command = program
    .command('cancel')
    .summary('cancel runs: what completed is undone')
    .description(
      'Cancels runs: the running step is told to stop, what completed is undone, and the run ends as canceled.',
    );
  addRunTargets(command)
    .option('--no-compensate', 'undo nothing')
    .action((runIds: string[], _: unknown, self: Command) =>
      session.withContext<CancelArguments>(self, (call) => orderRuns(session, call, runIds, CANCEL)),
    );
}
