import type { CrashAppSettings } from '../crash-app/settings.js';
import { eventually } from '../eventually.js';
import { AppProcess } from './app-process.js';
import { programOf } from './program.js';

const MAIN = 'test/support/crash-app/main.ts';

let program: Promise<string> | null = null;

export type CrewSettings = Partial<CrashAppSettings>;

/** The processes of one test: starts them, and leaves none behind. */
export class Crew {
  private readonly processes: AppProcess[] = [];

  constructor(private readonly settings: CrashAppSettings) {}

  /** Starts a process; settings given here replace the crew's. Resolves when it works. */
  async start(name: string, settings: CrewSettings = {}): Promise<AppProcess> {
    return (await this.spawn(name, settings)).untilReady();
  }

  /** Starts a process and does not wait for it. */
  async spawn(name: string, settings: CrewSettings = {}): Promise<AppProcess> {
    program ??= programOf(MAIN);
    const process = AppProcess.spawn(await program, name, { ...this.settings, ...settings });
    this.processes.push(process);
    return process;
  }

  /**
   * Starts a run of `gated` that stands at its gate in this process, and returns its id. A run that is started while the
   * process just looks for others waits for a claim, and another worker may make that first: such a run is let go, and
   * one more is started.
   */
  async startGated(process: AppProcess): Promise<string> {
    for (;;) {
      const [runId] = (await process.start('gated', [null])) as [string];
      const taker = await eventually(`run ${runId} to reach its gate`, () =>
        this.processes.find(({ waiting }) => waiting.some((one) => one.runId === runId)),
      );
      if (taker === process) return runId;
      taker.open(runId, 'hold');
    }
  }

  /**
   * Ends all processes, in whatever state they are.
   *
   * @throws Error when one had ended that should not have.
   */
  async dismiss(): Promise<void> {
    const died = this.processes.filter((process) => process.exit !== null && !process.endExpected);
    await Promise.all(
      this.processes.splice(0).map(async (process) => {
        if (process.exit === null) process.signal('SIGKILL');
        await process.exited;
      }),
    );
    if (died.length > 0) throw new Error(died.map((process) => process.describeEnd()).join('\n\n'));
  }
}
