import { timeOfId } from '../common/ids.js';
import type { DurableEventMap, OrderedAction } from '../observability/durable-event.interface.js';
import type { OrderedBy } from '../storage/contract/run-repair.contract.js';
import type { RunnerBackend } from './runner-backend.interface.js';

/** What an order was given to, and what came of it. */
interface Order extends Partial<OrderedBy> {
  readonly runId?: string;
  readonly workflow?: string;
  readonly accepted: boolean;
  readonly runs?: number;
}

/** Tells of orders that were carried out, and of runs that they ended without a worker. */
export class OrderReporter {
  constructor(private readonly backend: Pick<RunnerBackend, 'admin' | 'telemetry'>) {}

  acted(action: OrderedAction, order: Order): void {
    const { events } = this.backend.telemetry;
    if (!events.wants('durable.operator.acted')) return;
    const { runId = null, workflow = null, by = null, reason = null, accepted, runs = null } = order;
    events.emit('durable.operator.acted', { action, runId, workflow, by, reason, accepted, runs });
  }

  signaled(fields: DurableEventMap['durable.signal.received']): void {
    const { events } = this.backend.telemetry;
    if (events.wants('durable.signal.received')) events.emit('durable.signal.received', fields);
  }

  /** A run was canceled with no worker to tell of it. Only a listener or a tracer is worth the look at the run. */
  async canceled(runId: string): Promise<void> {
    const { events, tracing } = this.backend.telemetry;
    const isHeard = events.wants('durable.run.canceled');
    if (!isHeard && !tracing) return;
    // An order that was carried out is not to fail for a listener's sake.
    const run = await this.backend.admin.find(runId).catch(() => null);
    if (run?.status !== 'canceled') return;
    const { workflow, version, cancel, trace } = run;
    tracing?.ended({ id: runId, workflow, version, trace }, { status: 'canceled', error: null });
    if (!isHeard) return;
    const durationMs = Math.max(0, Date.now() - timeOfId(runId));
    events.emit('durable.run.canceled', { runId, workflow, version, durationMs, reason: cancel?.reason ?? null });
  }
}
