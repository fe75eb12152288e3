/** The statuses a run can have. `completed`, `failed`, `canceled` and `compensation_failed` are terminal. */
export const RUN_STATUSES = [
  'pending',
  'running',
  'suspended',
  'compensating',
  'completed',
  'failed',
  'canceled',
  'compensation_failed',
] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];

/**
 * Every allowed transition, as data; `docs/state-machine.md` draws it and a test holds the two together.
 *
 * - `pending`: waits for a worker (never begun, handed back, or retried by an operator).
 * - `running`: a worker holds it and executes its plan.
 * - `suspended`: parked; a timer, a signal, a child or `resume` will wake it.
 * - `compensating`: what completed is being undone, held by a worker or parked between two attempts.
 */
export const RUN_TRANSITIONS: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  pending: ['running', 'compensating', 'canceled'],
  running: ['running', 'pending', 'suspended', 'compensating', 'completed', 'failed', 'canceled'],
  suspended: ['running', 'compensating', 'canceled'],
  compensating: ['compensating', 'failed', 'canceled', 'compensation_failed'],
  completed: [],
  failed: ['pending'],
  canceled: [],
  compensation_failed: ['compensating', 'pending'],
};

const TERMINAL: ReadonlySet<RunStatus> = new Set<RunStatus>(['completed', 'failed', 'canceled', 'compensation_failed']);

/** True when nothing moves the run any more, short of an operator's `retry`. */
export function isTerminal(status: RunStatus): boolean {
  return TERMINAL.has(status);
}

/** True when a run may go from `from` to `to`. */
export function canTransition(from: RunStatus, to: RunStatus): boolean {
  return RUN_TRANSITIONS[from].includes(to);
}
