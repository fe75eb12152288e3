import type { Command } from 'commander';
import type { RunStatus } from '../../definition/run-state.js';
import type { ListFilter } from '../../runner/run-options.interface.js';
import { collect, parseTime, parseWorkflow } from './parse-input.js';

export interface RunFilterArguments {
  readonly status?: readonly string[];
  readonly workflow?: string;
  readonly key?: string;
  readonly parent?: string;
  readonly tag?: readonly string[];
  readonly error?: string;
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
}

/** Options that choose runs. */
export function addRunFilter(command: Command): Command {
  return command
    .option('-s, --status <status>', 'only runs of this status; several with commas', collect)
    .option('-w, --workflow <name[@version]>', 'only runs of this workflow')
    .option('-k, --key <key>', 'only the run with this idempotency key')
    .option('--tag <tag>', 'only runs that carry this tag; with several, all of them', collect)
    .option('--error <text>', 'only runs whose error has this text')
    .option('--parent <runId>', 'only the children of this run')
    .option(
      '--created-after <time>',
      'only runs from then on: a date, or how long ago (2h, 7d)',
      parseTime('--created-after'),
    )
    .option('--created-before <time>', 'only runs before then: a date, or how long ago', parseTime('--created-before'));
}

/** What the runner checks is left to it: it says which value is none. */
export function runFilterOf(given: RunFilterArguments): ListFilter {
  const { name, version } = given.workflow === undefined ? {} : parseWorkflow(given.workflow);
  return {
    status: given.status as readonly RunStatus[] | undefined,
    workflow: name,
    version,
    idempotencyKey: given.key,
    parentRunId: given.parent,
    tag: given.tag,
    error: given.error,
    createdAfter: given.createdAfter,
    createdBefore: given.createdBefore,
  };
}

export function isFilter(given: RunFilterArguments): boolean {
  return Object.values(runFilterOf(given)).some((value) => value !== undefined);
}
