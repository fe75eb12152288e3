import { serializePayload } from '../../common/json-payload.js';
import type { SessionWriter } from './session-writer.js';
import type { RunSession } from './run-session.js';
import type { ProgressSink } from './step-context.js';
import { storeProgress } from './transition.js';

/**
 * Stores what steps report by `ctx.heartbeat`, as checkpoints that share commits with all others. A heartbeat without
 * progress writes an empty one, which asks whether the run is still held.
 */
export class HeartbeatSink implements ProgressSink {
  constructor(
    private readonly writer: SessionWriter,
    private readonly payloadLimit: number,
  ) {}

  async store(session: RunSession, key: string, progress: unknown): Promise<void> {
    const stored = progress === undefined ? [] : [{ key, value: this.textOf(session, key, progress) }];
    session.assertHeld();
    await this.writer.commit(session, storeProgress(session, stored));
    session.assertHeld();
  }

  private textOf(session: RunSession, key: string, progress: unknown): string {
    const where = `progress of "${key}" of workflow "${session.workflow.name}"`;
    return serializePayload(progress, { where, limit: this.payloadLimit });
  }
}
