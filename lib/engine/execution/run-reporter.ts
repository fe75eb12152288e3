import { timeOfId } from '../../common/ids.js';
import { resumeSignal } from '../../definition/journal-key.js';
import { isTerminal, type RunStatus } from '../../definition/run-state.js';
import { PlanChangedError } from '../../errors/index.js';
import type { ParkReason, RunIdentity } from '../../observability/durable-event.interface.js';
import type { Telemetry } from '../../observability/telemetry.js';
import type { AttemptSpan, StartSpan, TracedRun } from '../../observability/tracing.interface.js';
import type { Checkpoint, ClaimedRun, FailedAttempt, JournalEntry, RunMove } from '../../storage/contract/records.js';
import { PARENT_ENDED, type ClosedChild } from '../../storage/contract/run-store.contract.js';
import { DEFAULT_OPTIONS } from './default-options.js';
import type { RunSession } from './run-session.js';
import type { Unit } from './unit.js';

/**
 * Tells what happens to the runs of a worker: events of what has committed, spans of attempts and runs.
 *
 * On the path of every step, so each event is made only when somebody wants it.
 */
export class RunReporter {
  constructor(
    private readonly telemetry: Telemetry,
    private readonly workerId: () => string,
  ) {}

  claimed(run: ClaimedRun): void {
    const { events } = this.telemetry;
    const identity = { runId: run.id, workflow: run.workflow, version: run.version };
    if (events.wants('durable.run.claimed')) {
      const { epoch, deliveries: delivery, waitedMs } = run;
      events.emit('durable.run.claimed', { ...identity, workerId: this.workerId(), epoch, delivery, waitedMs });
    }
    if (run.previousStatus === 'suspended' && events.wants('durable.run.woken')) {
      events.emit('durable.run.woken', { ...identity, workerId: this.workerId() });
    }
    const undoes = run.status === 'compensating' && run.previousStatus !== 'compensating';
    if (undoes && events.wants('durable.run.compensating')) {
      events.emit('durable.run.compensating', { ...identity, error: null });
    }
  }

  /** An attempt begins. Returns its span, where somebody traces. */
  attempting(session: RunSession, { key, options }: Unit, attempt: number): AttemptSpan | null {
    const { events, tracing } = this.telemetry;
    // A function that says how long to sleep or what a child gets is no step: its outcome is told as the node's.
    if (options !== DEFAULT_OPTIONS && events.wants('durable.step.started')) {
      events.emit('durable.step.started', { ...identityOf(session), step: key, attempt });
    }
    return tracing === null ? null : tracing.attempt(tracedRun(session), key, attempt);
  }

  /** A child is about to be born. Returns the span of its start, where somebody traces. */
  bearing(session: RunSession, child: Omit<TracedRun, 'trace'>): StartSpan | null {
    const { tracing } = this.telemetry;
    return tracing === null ? null : tracing.startChild(child, tracedRun(session));
  }

  /** A child was ended with its parent; one that was only asked to cancel tells of its end itself. */
  terminated({ id, terminated }: ClosedChild): void {
    const { events } = this.telemetry;
    if (terminated === null || !events.wants('durable.run.canceled')) return;
    const { name: workflow, version } = terminated;
    const end = { runId: id, workflow, version, durationMs: ageOf(id), reason: PARENT_ENDED };
    events.emit('durable.run.canceled', end);
  }

  fenced(session: RunSession): void {
    const { events } = this.telemetry;
    if (!events.wants('durable.worker.fenced')) return;
    const { epoch } = session;
    events.emit('durable.worker.fenced', { ...identityOf(session), workerId: this.workerId(), epoch });
  }

  /**
   * A checkpoint has committed.
   *
   * @param refused its rows were written, its move was not.
   * @param before the run's status before it.
   */
  committed(session: RunSession, checkpoint: Checkpoint, refused: boolean, before: RunStatus): void {
    const { journal, attempts, consumed, children, move } = checkpoint;
    for (const entry of journal) this.unitDone(session, entry);
    if (attempts.length > 0) for (const failure of attempts) this.attemptFailed(session, failure);
    if (consumed.length > 0) this.signalsTaken(session, consumed);
    if (children.length > 0) this.childrenBorn(session, children);
    if (move && !refused && (!move.held || move.status !== before)) this.moved(session, checkpoint, move, before);
  }

  private unitDone(session: RunSession, { key, kind, attempt, durationMs }: JournalEntry): void {
    const { events } = this.telemetry;
    switch (kind) {
      case 'step':
      case 'branch':
      case 'decision':
      case 'iteration':
      case 'item':
      case 'items':
        if (!events.wants('durable.step.completed')) return;
        events.emit('durable.step.completed', { ...identityOf(session), step: key, kind, attempt, durationMs });
        return;
      case 'undo':
        if (!events.wants('durable.step.undone')) return;
        events.emit('durable.step.undone', { ...identityOf(session), step: key, attempt, durationMs });
        return;
      case 'child':
        if (!events.wants('durable.child.completed')) return;
        events.emit('durable.child.completed', { ...identityOf(session), node: key });
        return;
      default:
    }
  }

  private attemptFailed(session: RunSession, { key, attempt, final, durationMs, error }: FailedAttempt): void {
    const { events } = this.telemetry;
    const identity = identityOf(session);
    const ofChild = session.workflow.steps.some(({ name, type }) => name === key && type === 'childWorkflow');
    if (ofChild && final && events.wants('durable.child.failed')) {
      events.emit('durable.child.failed', { ...identity, node: key, error });
    }
    if (ofChild) return;
    if (events.wants('durable.step.failed')) {
      events.emit('durable.step.failed', { ...identity, step: key, attempt, final, durationMs, error });
    }
    if (!final && events.wants('durable.step.retried')) {
      events.emit('durable.step.retried', { ...identity, step: key, attempt, nextAttempt: attempt + 1 });
    }
  }

  private signalsTaken(session: RunSession, consumed: Checkpoint['consumed']): void {
    const { events } = this.telemetry;
    if (!events.wants('durable.signal.consumed')) return;
    for (const { key } of consumed) events.emit('durable.signal.consumed', { ...identityOf(session), node: key });
  }

  private childrenBorn(session: RunSession, children: Checkpoint['children']): void {
    const { events } = this.telemetry;
    for (const { id, workflow, version, queue, parentKey, idempotencyKey } of children) {
      if (events.wants('durable.child.started')) {
        const child = { childId: id, childWorkflow: workflow, childVersion: version };
        events.emit('durable.child.started', { ...identityOf(session), node: parentKey!, ...child });
      }
      if (events.wants('durable.run.started')) {
        const identity = { runId: id, workflow, version };
        events.emit('durable.run.started', { ...identity, queue, parentRunId: session.id, idempotencyKey });
      }
    }
  }

  private moved(session: RunSession, checkpoint: Checkpoint, move: RunMove, before: RunStatus): void {
    const { events } = this.telemetry;
    if (isTerminal(move.status)) this.ended(session, move);
    else if (move.status === 'compensating' && before !== 'compensating') {
      if (events.wants('durable.run.compensating')) {
        events.emit('durable.run.compensating', { ...identityOf(session), error: move.error });
      }
    }
    if (move.held || isTerminal(move.status) || !events.wants('durable.run.parked')) return;
    const node = session.workflow.steps[move.cursor]?.name ?? null;
    const reason = parkReason(session, checkpoint, move);
    const { awaiting } = move;
    events.emit('durable.run.parked', { ...identityOf(session), reason, node, awaiting, dueInMs: dueInMs(move) });
  }

  private ended(session: RunSession, { status, error }: RunMove): void {
    const { events, tracing } = this.telemetry;
    tracing?.ended(tracedRun(session), { status, error });
    const name = `durable.run.${status}` as EndName;
    if (!events.wants(name)) return;
    const end = { ...identityOf(session), durationMs: ageOf(session.id) };
    if (name === 'durable.run.completed') events.emit(name, end);
    else if (name === 'durable.run.canceled') events.emit(name, { ...end, reason: session.cancel?.reason ?? null });
    else events.emit(name, { ...end, error });
  }
}

type EndName =
  'durable.run.completed' | 'durable.run.failed' | 'durable.run.canceled' | 'durable.run.compensation_failed';

function ageOf(runId: string): number {
  return Math.max(0, Date.now() - timeOfId(runId));
}

function identityOf({ id, workflow }: RunSession): RunIdentity {
  return { runId: id, workflow: workflow.name, version: workflow.version };
}

function tracedRun({ id, workflow, trace }: RunSession): TracedRun {
  return { id, workflow: workflow.name, version: workflow.version, trace };
}

function dueInMs({ due }: RunMove): number | null {
  if (due === null) return null;
  return 'delayMs' in due ? due.delayMs : Math.max(0, due.at.getTime() - Date.now());
}

function parkReason(session: RunSession, { attempts }: Checkpoint, move: RunMove): ParkReason {
  const node = session.workflow.steps[move.cursor];
  if (move.error?.code === PlanChangedError.code) return 'plan_changed';
  if (attempts.length > 0) return 'retry';
  if (move.awaiting !== null) {
    return node !== undefined && move.awaiting.includes(resumeSignal(node.name)) ? 'resume' : 'signal';
  }
  if (move.due === null) return 'child';
  if ('delayMs' in move.due) return move.due.delayMs === 0 ? 'handed_back' : 'retry';
  return 'sleep';
}
