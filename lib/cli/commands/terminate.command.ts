import type { Command } from 'commander';
import { addRunTargets, orderRuns, type OrderRunsArguments, type RunOrder } from '../order-runs.js';
import type { Session } from '../session.js';

const TERMINATE: RunOrder<OrderRunsArguments> = {
  action: 'terminate',
  statuses: ['pending', 'running', 'suspended', 'compensating'],
  alwaysAsks: true,
  give: (runner, runId, { by, reason }) => runner.terminate(runId, reason, { by }),
};

/** `terminate [runIds...]`: ends runs at once, undoing nothing. */
export function addTerminateCommand(program: Command, session: Session): void {
  const command = program
    .command('terminate')
    .summary('end runs at once, undoing nothing')
    .description('Ends runs at once, as canceled, without undoing anything. It asks before it does so.');
  addRunTargets(command).action((runIds: string[], _: unknown, self: Command) =>
    session.withContext<OrderRunsArguments>(self, (call) => orderRuns(session, call, runIds, TERMINATE)),
  );
}
