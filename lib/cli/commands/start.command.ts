import type { Command } from 'commander';
import { addOrderOptions, orderOf, type OrderArguments } from '../input/order-options.js';
import { collect, parseDate, parseInteger, parseWorkflow, readJson } from '../input/parse-input.js';
import type { Session } from '../session.js';
import { DEFAULT_INTERVAL_MS, exitCodeOfEnd, watchRun } from '../watch-run.js';

interface StartArguments extends OrderArguments {
  readonly key?: string;
  readonly delay?: string;
  readonly at?: Date;
  readonly queue?: string;
  readonly priority?: number;
  readonly timeout?: string;
  readonly tag?: readonly string[];
  readonly watch?: boolean;
}

/** `start <workflow> [input]`: starts a run; by its stored plan, or with `--app` by the code and its validators. */
export function addStartCommand(program: Command, session: Session): void {
  const command = program
    .command('start')
    .summary('start a run')
    .description(
      'Starts a run of a workflow that some process has registered. Validators of inputs are code: they check with --app only.',
    )
    .argument('<workflow>', 'name, or name@version; without a version the highest')
    .argument('[input]', 'JSON, @file, or - for standard input (default: null)')
    .option('-k, --key <key>', 'idempotency key: one key and workflow, one run')
    .option('--delay <duration>', 'how long it waits before it begins: 30s, 2h, 7d')
    .option('--at <time>', 'when it begins: 2030-01-31T10:00:00Z', parseDate('--at'))
    .option('--queue <name>', 'its queue (default: that of the application, else "durable")')
    .option('--priority <number>', 'higher ones are taken first', parseInteger('--priority', -32_768, 32_767))
    .option('--timeout <duration>', 'how long the run may take as a whole')
    .option('--tag <tag>', 'a label to find it by; several with commas', collect)
    .option('-w, --watch', 'go on until the run ends, a line for everything that happens');
  addOrderOptions(command).action((workflow: string, input: string | undefined, _: unknown, self: Command) =>
    session.withContext<StartArguments>(self, async ({ runner, engine, out, io, options }) => {
      const { name, version } = parseWorkflow(workflow);
      const { key, delay, at, queue, priority, timeout, tag: tags } = options;
      const payload = await readJson(input, 'input', io);
      const settings = { idempotencyKey: key, delay, startAt: at, queue, priority, timeout, version, tags };
      const run = await runner.start(name, payload, withoutUndefined(settings));
      out.show({ runId: run.id, created: run.created, status: run.status }, () => run.id);
      if (!run.created) out.remark(`The key stood for this run already (${run.status}); no other was started.`);
      if (run.created) {
        const { by, reason } = orderOf(options, io);
        const { version: started } = await run.snapshot();
        const note = { runId: run.id, workflow: name, version: started, by: by ?? null, reason: reason ?? null };
        await engine.repair.note({ ...note, action: 'start', before: null, after: { status: run.status } });
      }
      if (!options.watch) return;
      session.exitCode = exitCodeOfEnd(await watchRun(runner, run.id, { out, io, intervalMs: DEFAULT_INTERVAL_MS }));
    }),
  );
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
