import type { Command } from 'commander';
import type { Accepted } from '../../runner/run-options.interface.js';
import { CliError } from '../cli.error.js';
import { addOrderOptions, orderOf, type OrderArguments } from '../input/order-options.js';
import { parseWorkflow } from '../input/parse-input.js';
import type { ContextInvocation, Session } from '../session.js';

interface PauseArguments extends OrderArguments {
  readonly workflow?: string;
}

/** `pause [runId]`, `pause --workflow name`: nothing else is begun until `unpause`. */
export function addPauseCommand(program: Command, session: Session): void {
  const command = program
    .command('pause')
    .summary('keep a run, or a workflow, from being executed')
    .description('Keeps a run, or all runs of a workflow, from being executed. A step in progress is finished.');
  addTarget(command).action((runId: string | undefined, _: unknown, self: Command) =>
    session.withContext<PauseArguments>(self, (call) => order(call, runId, 'pause')),
  );
}

/** `unpause [runId]`, `unpause --workflow name`. */
export function addUnpauseCommand(program: Command, session: Session): void {
  const command = program
    .command('unpause')
    .summary('lift the pause of a run, or of a workflow')
    .description('Lifts the pause of a run, or of a workflow; without a version also those of its versions.');
  addTarget(command).action((runId: string | undefined, _: unknown, self: Command) =>
    session.withContext<PauseArguments>(self, (call) => order(call, runId, 'unpause')),
  );
}

function addTarget(command: Command): Command {
  command
    .argument('[runId]', 'id of the run')
    .option('-w, --workflow <name[@version]>', 'every run of a workflow, or of one version');
  return addOrderOptions(command);
}

async function order(
  { runner, out, io, options }: ContextInvocation<PauseArguments>,
  runId: string | undefined,
  action: 'pause' | 'unpause',
): Promise<void> {
  const { workflow } = options;
  if ((runId === undefined) === (workflow === undefined)) {
    throw CliError.usage(`What is to be ${action}d: the id of a run, or --workflow? One of them.`);
  }
  const by = orderOf(options, io);
  if (workflow === undefined) {
    const { accepted, status }: Accepted = await runner[action](runId!, by);
    if (!accepted) throw CliError.impossible(`Run ${runId} does not accept ${action}: it is ${status}.`);
    out.show({ runId, action, accepted, status }, () => `${runId}: ${action}d (${status}).`);
    return;
  }
  const { name, version } = parseWorkflow(workflow);
  const { accepted } = await runner[action]({ workflow: name, version }, by);
  if (!accepted) {
    throw CliError.impossible(`Workflow ${workflow} ${action === 'pause' ? 'is paused already' : 'is not paused'}.`);
  }
  out.show({ workflow: name, version: version ?? null, action, accepted }, () => `${workflow}: ${action}d.`);
}
