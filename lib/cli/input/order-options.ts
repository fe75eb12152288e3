import type { Command } from 'commander';
import type { OrderOptions } from '../../runner/run-options.interface.js';
import type { CliIo } from '../cli-io.interface.js';

export interface OrderArguments {
  readonly by?: string;
  readonly reason?: string;
}

/** Who orders it; kept in the audit trail. */
export function addByOption(command: Command): Command {
  return command.option('--by <who>', 'who orders it, for the audit trail (default: the user of the system)');
}

/** Who orders it and why; both are kept in the audit trail. */
export function addOrderOptions(command: Command): Command {
  return addByOption(command).option('--reason <text>', 'why, for the audit trail');
}

export function orderOf({ by, reason }: OrderArguments, { user }: CliIo): OrderOptions {
  return { by: by ?? user, reason };
}
