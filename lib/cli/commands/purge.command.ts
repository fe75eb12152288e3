import type { Command } from 'commander';
import { parseDuration } from '../../common/duration.js';
import { RUN_STATUSES, isTerminal, type RunStatus } from '../../definition/run-state.js';
import { CliError } from '../cli.error.js';
import { confirm } from '../input/confirm.js';
import { addOrderOptions, orderOf, type OrderArguments } from '../input/order-options.js';
import { collect, parseDate } from '../input/parse-input.js';
import { progressBar } from '../output/progress.js';
import type { Session } from '../session.js';

interface PurgeArguments extends OrderArguments {
  readonly olderThan: string;
  readonly status?: readonly string[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** What the runner purges where nothing is named. */
const BY_DEFAULT: readonly RunStatus[] = ['completed', 'failed', 'canceled'];

/** `purge --older-than 30d`: deletes runs that have ended. */
export function addPurgeCommand(program: Command, session: Session): void {
  const command = program
    .command('purge')
    .summary('delete runs that ended long ago')
    .description(
      'Deletes runs that have ended, with everything that belongs to them, in batches. It counts and asks first.',
    )
    .requiredOption('--older-than <age>', 'runs that ended longer ago (30d, 12h), or before a date')
    .option('-s, --status <status>', 'only these; several with commas (default: all but compensation_failed)', collect)
    .option('--dry-run', 'only count')
    .option('-y, --yes', 'do not ask');
  addOrderOptions(command).action((_: unknown, self: Command) =>
    session.withContext<PurgeArguments>(self, async ({ runner, engine, survey, out, io, options }) => {
      const { by, reason } = orderOf(options, io);
      const status = statusesOf(options.status);
      const olderThan = ageOf(options.olderThan);
      const age = parseDuration(olderThan, 'option --older-than');
      const matched = await survey.purgeable({ finishedBefore: 'at' in age ? age : { ageMs: age.ms }, status });
      const ago = 'at' in age ? `before ${options.olderThan}` : `more than ${options.olderThan} ago`;
      const what = `${matched} ${matched === 1 ? 'run' : 'runs'} that ended ${ago}`;
      if (options.dryRun || matched === 0) {
        out.show({ matched, deleted: 0 }, () => `Found ${what}; nothing was deleted.`);
        return;
      }
      await confirm(io, `Delete ${what}`, options.yes);
      const who = { by: by ?? null, reason: reason ?? null };
      const scope = { olderThan: options.olderThan, status };
      // Before it: a purge that is cut off has deleted, too.
      await engine.repair.note({
        ...{ runId: null, workflow: '*', version: null, action: 'purge', ...who },
        ...{ before: { matched }, after: scope },
      });
      const bar = progressBar(io, 'purge', matched);
      let deleted: number;
      try {
        deleted = await runner.purge({ olderThan, status, onBatch: (sofar) => bar.at(sofar) });
      } finally {
        bar.stop();
      }
      out.show({ matched, deleted }, () => `${deleted} ${deleted === 1 ? 'run was' : 'runs were'} deleted.`);
    }),
  );
}

function ageOf(text: string): string | Date {
  return /^\d{4}-\d\d-\d\d/.test(text) ? parseDate('--older-than')(text) : text;
}

function statusesOf(given: readonly string[] = BY_DEFAULT): readonly RunStatus[] {
  const ended = RUN_STATUSES.filter(isTerminal);
  const wrong = given.find((status) => !ended.includes(status as RunStatus));
  if (wrong === undefined) return given as readonly RunStatus[];
  throw CliError.usage(`--status: "${wrong}" is none in which a run has ended: ${ended.join(', ')}.`);
}
