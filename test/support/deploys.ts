import type { Duration, DurableModuleOptions, DurableRunner, DurableWorkflow } from '../../lib/index.js';
import { DurableTesting, VirtualClock } from '../../lib/testing/index.js';
import { DurableApps, type DurableApp } from './durable-app.js';

/** A process with one state of the code. */
export interface Deploy {
  readonly app: DurableApp;
  readonly runner: DurableRunner;
  readonly testing: DurableTesting;
  /** Moves the clock, and does what became due by that. */
  advance(duration: Duration): Promise<void>;
  end(): Promise<void>;
}

/**
 * Processes with different code on one database, one after the other or beside each other, under one virtual clock. Call
 * it once, at the top of a file.
 */
export class Deploys {
  readonly apps = new DurableApps();
  /** What handlers made by `step` did, in order. */
  readonly log: string[] = [];
  private clock!: VirtualClock;

  constructor() {
    beforeEach(() => {
      this.log.length = 0;
      this.clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
    });
  }

  /** A handler that writes its name down and returns it. */
  step(name: string): () => string {
    return () => {
      this.log.push(name);
      return name;
    };
  }

  async deploy(...workflows: DurableWorkflow[]): Promise<Deploy> {
    return this.deployWith({}, ...workflows);
  }

  async deployWith(options: DurableModuleOptions, ...workflows: DurableWorkflow[]): Promise<Deploy> {
    const app = await this.apps.boot({ ...options, workflows, clock: this.clock });
    const testing = DurableTesting.of(app.moduleRef);
    const advance = async (duration: Duration): Promise<void> => {
      await testing.advance(duration);
      await testing.drain();
    };
    return { app, runner: app.runner, testing, advance, end: () => app.close() };
  }

  /** Starts a run by this code, and ends the process when nothing is left to do now. */
  async parked(workflows: readonly DurableWorkflow[], start: (runner: DurableRunner) => Promise<{ id: string }>) {
    const { runner, testing, end } = await this.deploy(...workflows);
    const { id } = await start(runner);
    await testing.drain();
    await end();
    return id;
  }

  /** Sends a signal while no process executes anything. */
  async signalAlone(runId: string, name: string, payload?: unknown): Promise<void> {
    const { runner, end } = await this.deployWith({ worker: false });
    await runner.signal(runId, name, payload);
    await end();
  }
}
