import type { Command } from 'commander';
import { addRunFilter, runFilterOf, type RunFilterArguments } from '../input/run-filter.js';
import { parseInteger } from '../input/parse-input.js';
import { runColumns } from '../output/run-text.js';
import type { Session } from '../session.js';

interface ListOptions extends RunFilterArguments {
  readonly limit: number;
  readonly before?: string;
}

const DEFAULT_LIMIT = 50;

/** `list`: runs, newest first, a page at a time. */
export function addListCommand(program: Command, session: Session): void {
  const command = program
    .command('list')
    .summary('list runs, newest first')
    .description('Lists runs without their payloads, newest first, a page at a time.');
  addRunFilter(command)
    .option('-n, --limit <count>', 'runs a page, from 1 to 500', parseInteger('--limit', 1, 500), DEFAULT_LIMIT)
    .option('--before <next>', 'the page behind another one: its `next`')
    .action((_: unknown, self: Command) =>
      session.withContext<ListOptions>(self, async ({ runner, out, options }) => {
        const { limit, before } = options;
        const page = await runner.list({ ...runFilterOf(options), limit, before });
        const { next } = page;
        out.show({ runs: [...page], next }, () => out.table(runColumns(out, new Date()), page));
        if (page.length === 0) out.remark('No runs.');
        if (next !== null) out.remark(`More: --before ${next}`);
      }),
    );
}
