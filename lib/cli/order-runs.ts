import type { Command } from 'commander';
import { RunNotFoundError } from '../errors/index.js';
import type { RunStatus } from '../definition/run-state.js';
import type { Accepted, ListFilter, OrderOptions } from '../runner/run-options.interface.js';
import type { DurableRunner } from '../runner/durable-runner.js';
import { CliError } from './cli.error.js';
import { EXIT, exitCodeOf } from './exit-code.js';
import { confirm } from './input/confirm.js';
import { addOrderOptions, orderOf, type OrderArguments } from './input/order-options.js';
import { addRunFilter, isFilter, runFilterOf, type RunFilterArguments } from './input/run-filter.js';
import { progressBar } from './output/progress.js';
import type { ContextInvocation, Session } from './session.js';

export interface OrderRunsArguments extends OrderArguments, RunFilterArguments {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** An order that may be given to one run or to many. */
export interface RunOrder<Options> {
  /** As in the audit trail: `cancel`. */
  readonly action: 'cancel' | 'retry' | 'terminate';
  /** Of which statuses a filter finds runs, where it names none. */
  readonly statuses: readonly RunStatus[];
  /** Whether it asks also before a run that is named by its id. */
  readonly alwaysAsks?: boolean;
  readonly give: (runner: DurableRunner, runId: string, order: OrderOptions, options: Options) => Promise<Accepted>;
}

/** What became of the order to one run. */
interface OrderResult {
  readonly runId: string;
  /** `refused` by the run's state; `failed` by anything else. */
  readonly outcome: 'accepted' | 'refused' | 'failed';
  readonly status: RunStatus | null;
  readonly error: string | null;
}

/** A page of ids that the runner lists at a time. */
const PAGE = 500;

/** Ids as arguments, or options that choose runs; who orders it; and the questions before it. */
export function addRunTargets(command: Command): Command {
  command.argument('[runIds...]', 'ids of runs; or choose runs with the options below');
  addRunFilter(command)
    .option('--all', 'every run that the order makes sense for, where no other option chooses')
    .option('--dry-run', 'only say which runs it would be')
    .option('-y, --yes', 'do not ask');
  return addOrderOptions(command);
}

/** Gives an order to the runs that the arguments name or choose, one after the other, and reports on each. */
export async function orderRuns<Options extends OrderRunsArguments>(
  session: Session,
  call: ContextInvocation<Options>,
  runIds: readonly string[],
  order: RunOrder<Options>,
): Promise<void> {
  const { options, out, io } = call;
  const chosen = await choose(call, runIds, order);
  const what = `${order.action[0].toUpperCase()}${order.action.slice(1)} ${chosen.length} ${chosen.length === 1 ? 'run' : 'runs'}`;
  if (options.dryRun) {
    out.show({ action: order.action, matched: chosen.length, runIds: chosen }, () => chosen.join('\n'));
    out.remark(`${what}: nothing was done (--dry-run).`);
    return;
  }
  if (chosen.length > 0 && (runIds.length === 0 || order.alwaysAsks)) await confirm(io, what, options.yes);
  if (runIds.length === 1) return orderOne(call, runIds[0], order);
  const results = await orderAll(call, chosen, order);
  const counts = { accepted: 0, refused: 0, failed: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  out.show({ action: order.action, matched: chosen.length, ...counts, results }, () =>
    results.map(({ runId, outcome, status, error }) => `${runId}  ${error ?? `${outcome} (${status})`}`).join('\n'),
  );
  out.remark(`${counts.accepted} accepted, ${counts.refused} refused, ${counts.failed} failed.`);
  if (counts.failed > 0) session.exitCode = EXIT.failure;
  else if (counts.refused > 0) session.exitCode = EXIT.impossible;
}

async function choose<Options extends OrderRunsArguments>(
  { runner, options }: ContextInvocation<Options>,
  runIds: readonly string[],
  { statuses, action }: RunOrder<Options>,
): Promise<readonly string[]> {
  const filters = isFilter(options) || options.all === true;
  if (runIds.length > 0 && filters)
    throw CliError.usage('Name runs by their ids, or choose them by options; not both.');
  if (runIds.length > 0) return [...new Set(runIds)];
  if (!filters)
    throw CliError.usage(
      `Which runs? Name their ids, or choose with --workflow, --status, …, or --all to ${action} every one.`,
    );
  const found: string[] = [];
  const filter: ListFilter = { ...runFilterOf(options), status: runFilterOf(options).status ?? statuses, limit: PAGE };
  for (let before: string | undefined; ;) {
    const page = await runner.list({ ...filter, before });
    found.push(...page.map(({ id }) => id));
    if (page.next === null) return found;
    before = page.next;
  }
}

async function orderOne<Options extends OrderRunsArguments>(
  { runner, out, io, options }: ContextInvocation<Options>,
  runId: string,
  { action, give }: RunOrder<Options>,
): Promise<void> {
  const { accepted, status } = await give(runner, runId, orderOf(options, io), options);
  if (!accepted) throw CliError.impossible(`Run ${runId} does not accept ${action}: it is ${status}.`);
  out.show({ runId, action, accepted, status }, () => `${runId}: ${action} accepted (${status}).`);
}

/** One after the other: the orders of one process share a connection. An interruption stops between two runs. */
async function orderAll<Options extends OrderRunsArguments>(
  call: ContextInvocation<Options>,
  runIds: readonly string[],
  order: RunOrder<Options>,
): Promise<readonly OrderResult[]> {
  const bar = progressBar(call.io, order.action, runIds.length);
  const results: OrderResult[] = [];
  try {
    for (const runId of runIds) {
      if (call.io.interrupted.aborted) break;
      results.push(await resultOf(call, runId, order));
      bar.at(results.length);
    }
  } finally {
    bar.stop();
  }
  return results;
}

/** @throws what concerns every run, such as an unreachable database. */
async function resultOf<Options extends OrderRunsArguments>(
  { runner, io, options }: ContextInvocation<Options>,
  runId: string,
  { give }: RunOrder<Options>,
): Promise<OrderResult> {
  try {
    const { accepted, status } = await give(runner, runId, orderOf(options, io), options);
    return { runId, outcome: accepted ? 'accepted' : 'refused', status, error: null };
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === EXIT.unreachable || code === EXIT.usage) throw error;
    const outcome = code === EXIT.impossible ? 'refused' : 'failed';
    const status = (error as { status?: RunStatus }).status ?? null;
    if (error instanceof RunNotFoundError) return { runId, outcome, status: null, error: error.message };
    return { runId, outcome, status, error: (error as Error).message };
  }
}
