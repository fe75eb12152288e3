import { isTerminal, type RunStatus } from '../../definition/run-state.js';
import type {
  Checkpoint,
  Due,
  FailedAttempt,
  JournalEntry,
  RunMove,
  StoredError,
} from '../../storage/contract/records.js';
import type { RunSession } from './run-session.js';

/**
 * Every move that a worker makes with a run, as pure functions from the session to the checkpoint to write. A move that
 * lets the run go or ends it restates the wake-up counter that the session has seen: what it has not seen, it must not
 * sleep over. A cancel that it has seen keeps the run here, in place of a park or of completion, for its next turn.
 */

/** A node is done: on to the next, or completed when it was the last one. `release` hands the run back in between. */
export function nodeDone(
  session: RunSession,
  journal: readonly JournalEntry[],
  release: boolean,
  consumed: Checkpoint['consumed'] = NONE,
): Checkpoint {
  const cursor = session.cursor + 1;
  if (cursor >= session.workflow.steps.length && !session.cancel) {
    return checkpoint(session, { journal, consumed, move: ending(session, 'completed', { cursor }) });
  }
  const move = release ? handingBack(session, cursor) : holding(session, 'running', cursor);
  return checkpoint(session, { journal, consumed, move });
}

/** Nothing is left to do: an empty rest of a plan, or an ending that was refused because something came in. */
export function complete(session: RunSession): Checkpoint {
  return checkpoint(session, { move: ending(session, 'completed', {}) });
}

/** An attempt failed and another one follows: parked until then, or at once. */
export function retryLater(session: RunSession, attempts: readonly FailedAttempt[], delayMs: number): Checkpoint {
  const undoing = session.status === 'compensating';
  const stays = delayMs === 0 || (session.cancel !== null && !undoing);
  const move = stays
    ? holding(session, session.status, session.cursor)
    : parking(session, undoing ? 'compensating' : 'suspended', { delayMs });
  return checkpoint(session, { attempts, move });
}

/** The run waits in the database until it is due, or until something wakes it. */
export function park(
  session: RunSession,
  parts: Partial<Checkpoint> & {
    readonly due: Due;
    readonly awaiting: readonly string[] | null;
    /** The wake-up counter before the node looked for what it waits for. @default nothing was looked for */
    readonly seen?: number;
  },
): Checkpoint {
  const { due, awaiting, journal, consumed, children, seen = session.wakeups } = parts;
  if (session.cancel)
    return checkpoint(session, { journal, consumed, move: holding(session, 'running', session.cursor) });
  return checkpoint(session, {
    journal,
    consumed,
    children,
    move: { ...parking(session, 'suspended', due), awaiting, ifWakeups: seen },
  });
}

/**
 * The plan changed under the run: it stands still, with nothing executed, until a worker with another plan makes it due.
 * Not even its own deadline does, for it could not be undone.
 */
export function stop(session: RunSession, error: StoredError): Checkpoint {
  const status = session.status === 'compensating' ? 'compensating' : 'suspended';
  return checkpoint(session, { move: { ...parking(session, status, null), error } });
}

/** A unit gave up, or the run is canceled: what completed is undone next. */
export function startCompensating(
  session: RunSession,
  error: StoredError | null,
  attempts: readonly FailedAttempt[] = [],
): Checkpoint {
  return checkpoint(session, {
    attempts,
    move: { ...holding(session, 'compensating', session.cursor), quiet: false, error },
  });
}

/** One undo is done and others follow. */
export function undone(session: RunSession, entry: JournalEntry, release: boolean): Checkpoint {
  const move = release
    ? { ...parking(session, 'compensating', { delayMs: 0 }), ifWakeups: null }
    : holding(session, 'compensating', session.cursor);
  return checkpoint(session, { journal: [entry], move });
}

/** The run ends. */
export function end(
  session: RunSession,
  status: RunStatus,
  parts: {
    readonly error?: StoredError | null;
    readonly journal?: readonly JournalEntry[];
    readonly attempts?: readonly FailedAttempt[];
    /** Nothing that came in meanwhile keeps the run from ending. */
    readonly whateverCame?: boolean;
  } = {},
): Checkpoint {
  const error = parts.error === undefined ? session.error : parts.error;
  const move = ending(session, status, { error });
  return checkpoint(session, {
    journal: parts.journal,
    attempts: parts.attempts,
    move: parts.whateverCame ? { ...move, ifWakeups: null } : move,
  });
}

/** The worker stops: somebody else goes on at once, and the delivery does not count. */
export function handBack(session: RunSession): Checkpoint {
  const status: RunStatus = session.status === 'compensating' ? 'compensating' : 'pending';
  return checkpoint(session, { move: { ...handingBack(session, session.cursor), status } });
}

/** A part of a node is done; the run itself stays where it is. */
export function partDone(session: RunSession, entry: JournalEntry): Checkpoint {
  return checkpoint(session, { journal: [entry], move: progressed(session) });
}

/** A part of a node failed an attempt. */
export function partFailed(session: RunSession, attempt: FailedAttempt): Checkpoint {
  return checkpoint(session, { attempts: [attempt], move: progressed(session) });
}

export function storeProgress(session: RunSession, progress: Checkpoint['progress']): Checkpoint {
  return checkpoint(session, { progress });
}

/** Progress clears a run of the suspicion that it kills its workers; written only where there is one to clear. */
function progressed(session: RunSession): RunMove | null {
  return session.deliveries > 1 ? holding(session, session.status, session.cursor) : null;
}

function checkpoint(session: RunSession, parts: Partial<Checkpoint>): Checkpoint {
  return {
    runId: session.id,
    epoch: session.epoch,
    seen: session.wakeups,
    journal: parts.journal ?? NONE,
    attempts: parts.attempts ?? NONE,
    move: parts.move ?? null,
    progress: parts.progress ?? NONE,
    children: parts.children ?? NONE,
    consumed: parts.consumed ?? NONE,
    parentId: parts.move && isTerminal(parts.move.status) ? session.parentId : null,
  };
}

const NONE: readonly never[] = [];

/**
 * A run that is held waits for nothing, so beside its status and deliveries there is nothing for the row to learn. While a
 * cancel or a pause stands there, the answer to each checkpoint tells of it.
 */
function holding(session: RunSession, status: RunStatus, cursor: number): RunMove {
  const quiet = status === session.status && session.deliveries <= 1 && !session.cancel && !session.paused;
  return { status, cursor, held: true, quiet, due: null, awaiting: null, error: session.error, ifWakeups: null };
}

/** Nothing that comes in changes what a compensation does next, so its moves are not refused. */
function parking(session: RunSession, status: RunStatus, due: Due): RunMove {
  const { cursor, error } = session;
  const ifWakeups = session.status === 'compensating' ? null : session.wakeups;
  return { status, cursor, held: false, quiet: false, due, awaiting: null, error, ifWakeups };
}

function handingBack(session: RunSession, cursor: number): RunMove {
  return { ...parking(session, 'pending', { delayMs: 0 }), cursor, ifWakeups: null };
}

function ending(
  session: RunSession,
  status: RunStatus,
  change: { cursor?: number; error?: StoredError | null },
): RunMove {
  return { ...parking(session, status, null), ...change };
}
