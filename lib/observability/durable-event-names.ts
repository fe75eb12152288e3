import type { DurableEventName } from './durable-event.interface.js';

/** A record, so that a new event which is missing here does not compile. */
const NAMES: Record<DurableEventName, true> = {
  'durable.run.started': true,
  'durable.run.claimed': true,
  'durable.run.woken': true,
  'durable.run.parked': true,
  'durable.run.completed': true,
  'durable.run.failed': true,
  'durable.run.canceled': true,
  'durable.run.compensating': true,
  'durable.run.compensation_failed': true,
  'durable.step.started': true,
  'durable.step.completed': true,
  'durable.step.failed': true,
  'durable.step.retried': true,
  'durable.step.undone': true,
  'durable.signal.received': true,
  'durable.signal.consumed': true,
  'durable.child.started': true,
  'durable.child.completed': true,
  'durable.child.failed': true,
  'durable.worker.started': true,
  'durable.worker.stopped': true,
  'durable.worker.lease_lost': true,
  'durable.worker.took_over': true,
  'durable.worker.fenced': true,
  'durable.worker.flushed': true,
  'durable.worker.claimed': true,
  'durable.operator.acted': true,
};

/** The names of all events, which are those of the diagnostics channels too. */
export const DURABLE_EVENTS = Object.freeze(Object.keys(NAMES)) as readonly DurableEventName[];
