import { Injectable } from '@nestjs/common';
import { DurableRunner } from '../../../lib/index.js';
import { tell } from './channel.js';

/** Starts runs at a steady pace, whether or not earlier starts have resolved, as callers of a service do. */
@Injectable()
export class LoadGenerator {
  private timer: NodeJS.Timeout | null = null;
  private readonly starts: Promise<void>[] = [];
  private readonly errors: string[] = [];

  constructor(private readonly runner: DurableRunner) {}

  begin(workflow: string, input: unknown, everyMs: number): void {
    this.timer = setInterval(() => this.starts.push(this.start(workflow, input)), everyMs);
  }

  /** Resolves when every start has settled, with what they rejected with. */
  async end(): Promise<readonly string[]> {
    clearInterval(this.timer!);
    await Promise.all(this.starts);
    return this.errors;
  }

  private async start(workflow: string, input: unknown): Promise<void> {
    try {
      const run = await this.runner.start(workflow, input);
      tell({ type: 'started', runId: run.id });
    } catch (error) {
      this.errors.push(String(error));
    }
  }
}
