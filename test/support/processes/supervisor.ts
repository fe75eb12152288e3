import type { AppProcess, Exit } from './app-process.js';
import type { CrashScene } from './crash-scene.js';

/** Starts a process again whenever it has ended, as process managers do. */
export class Supervisor {
  /** How the processes ended before it was stopped. */
  readonly exits: Exit[] = [];
  private stopped = false;
  private current: AppProcess | null = null;

  constructor(
    private readonly scene: CrashScene,
    private readonly name: string,
  ) {}

  /** Starts the first process; resolves when it works. */
  async start(): Promise<AppProcess> {
    const first = await this.begin(1);
    return first.untilReady();
  }

  /** From now on, what ends stays ended. The present process lives on. */
  stop(): void {
    this.stopped = true;
    if (this.current) this.current.endExpected = this.current.exit !== null;
  }

  private async begin(life: number): Promise<AppProcess> {
    const process = await this.scene.spawn(`${this.name}-${life}`);
    process.endExpected = true;
    this.current = process;
    void process.exited.then((exit) => {
      if (this.stopped) return;
      this.exits.push(exit);
      void this.begin(life + 1);
    });
    return process;
  }
}
