import type { DatabaseTime } from '../../common/database-time.js';
import { parseDuration } from '../../common/duration.js';
import type { SleepNode } from '../../definition/plan.js';
import type { AttemptRunner } from './attempt-runner.js';
import { journalEntry } from './journal-entry.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { RunSession } from './run-session.js';
import { dueAt, endOf, hasPassed, suspend, suspensionOf } from './suspension.js';
import { DEFAULT_OPTIONS } from './default-options.js';

/** Executes a sleep: parks until a time that is fixed when the node is entered. */
export class SleepExecutor implements NodeExecutor<SleepNode> {
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly time: DatabaseTime,
  ) {}

  async execute(session: RunSession, node: SleepNode): Promise<NodeOutcome> {
    const suspension = suspensionOf(session, node.name);
    if (!suspension) return this.fallAsleep(session, node);
    if (!hasPassed(suspension, this.time)) return { type: 'park', due: dueAt(suspension), awaiting: null };
    return { type: 'done', journal: [journalEntry(session, 'sleep', node.name, { result: 'null' })] };
  }

  private async fallAsleep(session: RunSession, node: SleepNode): Promise<NodeOutcome> {
    const result = await this.attempts.attempt(session, {
      key: node.name,
      options: DEFAULT_OPTIONS,
      call: async (ctx) => {
        const duration = typeof node.duration === 'function' ? await node.duration(ctx) : node.duration;
        return endOf(parseDuration(duration, `sleep "${node.name}"`), this.time);
      },
    });
    if (result.outcome === 'abandoned') return { type: 'abandoned' };
    if (result.outcome === 'failed') return { type: 'failed', result };
    const suspension = { until: JSON.parse(result.result) as string };
    return {
      type: 'park',
      due: dueAt(suspension),
      awaiting: null,
      journal: [suspend(session, node.name, suspension)],
    };
  }
}
