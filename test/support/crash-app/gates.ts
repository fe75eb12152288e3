import { Injectable } from '@nestjs/common';
import type { DurableContext } from '../../../lib/index.js';
import { tell } from './channel.js';

/** Places in steps where a run stands until the test lets it go on, so that a test knows what is under way. */
@Injectable()
export class Gates {
  private readonly waiting = new Map<string, () => void>();

  /** Resolves when the test opens the gate of this run and step, whatever happens to the lease meanwhile. */
  pass(ctx: DurableContext): Promise<void> {
    const { runId, stepName: step, attempt, abortSignal } = ctx;
    abortSignal.addEventListener('abort', () => {
      const { name } = abortSignal.reason as Error;
      if (this.waiting.has(`${runId}:${step}`)) tell({ type: 'aborted', runId, step, reason: name });
    });
    return new Promise((resolve) => {
      this.waiting.set(`${runId}:${step}`, resolve);
      tell({ type: 'waiting', runId, step, attempt });
    });
  }

  open(runId: string, step: string): void {
    const key = `${runId}:${step}`;
    this.waiting.get(key)?.();
    this.waiting.delete(key);
  }
}
