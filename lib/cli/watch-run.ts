import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal } from '../definition/run-state.js';
import { StoreUnavailableError } from '../errors/index.js';
import type { DurableRunner } from '../runner/durable-runner.js';
import type { RunExplanation } from '../runner/run-explanation.interface.js';
import type { JournalRecord, RunSnapshot } from '../runner/run-snapshot.interface.js';
import type { CliIo } from './cli-io.interface.js';
import { EXIT } from './exit-code.js';
import { paintStatus } from './output/colors.js';
import type { Output } from './output/output.js';
import { journalLine } from './output/run-text.js';
import { visible } from './output/safe-text.js';
import { shortTime } from './output/times.js';

/** A person sees what happens as it happens; a hundred watching terminals are no load. */
export const DEFAULT_INTERVAL_MS = 500;

export interface WatchOptions {
  readonly out: Output;
  readonly io: CliIo;
  readonly intervalMs: number;
}

/**
 * Prints what happens to a run until it ends: a line for each unit that finishes and each change of where it stands.
 * While the database is away it says so, and goes on.
 *
 * @returns the run as it ended; `null` when nobody reads the output any more.
 * @throws RunNotFoundError
 */
export async function watchRun(
  runner: DurableRunner,
  runId: string,
  { out, io, intervalMs }: WatchOptions,
): Promise<RunSnapshot | null> {
  const seen = new Set<string>();
  let place = '';
  while (!io.unread.aborted && !io.interrupted.aborted) {
    const look = await lookAt(runner, runId).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
      out.remark(visible(error.message));
      return null;
    });
    if (look) {
      const { run, explanation } = look;
      const news = run.journal.filter((record) => !seen.has(idOf(record)));
      for (const record of news) seen.add(idOf(record));
      const now = placeOf(explanation);
      if (news.length > 0 || now !== place) print(out, run, explanation, news, now !== place);
      place = now;
      if (isTerminal(run.status)) return run;
    }
    const stop = AbortSignal.any([io.unread, io.interrupted]);
    await delay(intervalMs, undefined, { signal: stop }).catch(() => undefined);
  }
  return null;
}

/** Scripts go on behind a run that completed, and only then. */
export function exitCodeOfEnd(run: RunSnapshot | null): number {
  return run === null || run.status === 'completed' ? EXIT.ok : EXIT.notCompleted;
}

async function lookAt(
  runner: DurableRunner,
  runId: string,
): Promise<{ readonly run: RunSnapshot; readonly explanation: RunExplanation }> {
  const run = await runner.find(runId, { journal: true });
  return { run, explanation: await runner.explain(runId) };
}

function print(
  out: Output,
  run: RunSnapshot,
  explanation: RunExplanation,
  journal: readonly JournalRecord[],
  moved: boolean,
): void {
  const { status } = run;
  const { reason, summary, node, now: at } = explanation;
  out.show({ at, runId: run.id, status, node: node?.name ?? null, reason, summary, journal }, () =>
    [
      ...journal.map((record) => journalLine(out, record)),
      ...(moved ? [`${out.paint('dim', shortTime(at))}  ${paintStatus(out.paint, status)}: ${visible(summary)}`] : []),
    ].join('\n'),
  );
}

/** An attempt and the success after it have one key. */
function idOf({ key, kind, attempt, epoch }: JournalRecord): string {
  return JSON.stringify([key, kind, attempt, epoch]);
}

/** What tells a new line from an old one: a summary alone also changes with every heartbeat. */
function placeOf({ status, reason, node }: RunExplanation): string {
  return JSON.stringify([status, reason, node?.name]);
}
