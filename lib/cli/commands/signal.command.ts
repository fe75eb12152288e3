import type { Command } from 'commander';
import { isTerminal } from '../../definition/run-state.js';
import { CliError } from '../cli.error.js';
import { addByOption, orderOf, type OrderArguments } from '../input/order-options.js';
import { readJson } from '../input/parse-input.js';
import type { Session } from '../session.js';

interface SignalArguments extends OrderArguments {
  readonly id?: string;
}

/** `signal <runId> <name> [payload]`: sends a signal, which is kept for a later wait where none takes it now. */
export function addSignalCommand(program: Command, session: Session): void {
  const command = program
    .command('signal')
    .summary('send a signal to a run')
    .description('Sends a signal to a run. What no wait takes now is kept for a later wait of that name.')
    .argument('<runId>', 'id of the run')
    .argument('<name>', 'name of the signal')
    .argument('[payload]', 'JSON, @file, or - for standard input (default: null)')
    .option('--id <id>', 'stored once a run, however often it is sent');
  addByOption(command).action((runId: string, name: string, payload: string | undefined, _, self: Command) =>
    session.withContext<SignalArguments>(self, async ({ runner, out, io, options }) => {
      const value = await readJson(payload, 'payload', io);
      const { accepted, status } = await runner.signal(runId, name, value, {
        id: options.id,
        by: orderOf(options, io).by,
      });
      if (isTerminal(status)) {
        throw CliError.impossible(`Run ${runId} has ended (${status}) and takes no signals; nothing was stored.`);
      }
      out.show({ runId, signal: name, accepted, status }, () =>
        accepted ? `${runId} takes "${name}" now.` : `"${name}" is kept for a later wait of ${runId} (${status}).`,
      );
    }),
  );
}
