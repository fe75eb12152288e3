import type { JsonValue } from '../../common/json.types.js';
import type { JournalKind } from '../../definition/journal-key.js';
import type { RunStatus } from '../../definition/run-state.js';

/**
 * The records that cross the boundary between the engine and a store. Payloads cross it as JSON text, so that nothing is
 * parsed or serialised twice, and so that what a step reads later is what was written, whatever happened to the object.
 */

/** A class or builder this process can execute. */
export interface WorkflowRef {
  readonly name: string;
  readonly version: number;
}

/** A plan as this process registers it. */
export interface PlanRef extends WorkflowRef {
  readonly hash: string;
}

/** Why and how a run is to be canceled, as stored on its row. */
export interface CancelRequest {
  readonly reason: string | null;
  /** Undo what completed. */
  readonly compensate: boolean;
  /** It was ended at once, not asked to end. */
  readonly terminated?: boolean;
}

/** An error as stored: normalised, capped and plain. */
export interface StoredError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: StoredError;
  /** The unit that failed, e.g. `charge` or `undo:charge`. */
  readonly step?: string;
  /** What its class holds beside the message, where that is worth reading: the differences of a changed plan. */
  readonly data?: JsonValue;
}

/** When a run is to be looked at again: after some milliseconds of the store's clock, at a time, or never by itself. */
export type Due = { readonly delayMs: number } | { readonly at: Date } | null;

/** A run to be created. */
export interface NewRun {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly planHash: string;
  readonly queue: string;
  readonly priority: number;
  readonly idempotencyKey: string | null;
  /** `null` where there are none, which most runs are. */
  readonly tags: readonly string[] | null;
  /** JSON text. */
  readonly input: string;
  /** The first time it may be claimed. Ignored when `worker` is set. */
  readonly due: Due;
  /** Milliseconds from the first time it may be claimed to the run's deadline. */
  readonly timeoutMs: number | null;
  readonly parentId: string | null;
  readonly parentKey: string | null;
  /** What becomes of the run when its parent ends first. */
  readonly parentClose: string | null;
  /** The trace context that the run's spans belong to; see the column. */
  readonly trace: string | null;
  /** Set when this worker begins the run at once: it is inserted already claimed, with epoch 1. */
  readonly worker: string | null;
}

export interface StartOutcome {
  readonly id: string;
  readonly created: boolean;
  readonly status: RunStatus;
  /** JSON text of the stored input, only when an existing run was found under the key. */
  readonly existingInput: string | null;
}

/** One finished unit. Immutable once committed; `(run_id, key)` makes a repeated write harmless. */
export interface JournalEntry {
  readonly key: string;
  readonly kind: JournalKind;
  /** JSON text. */
  readonly result: string;
  /** The attempt that succeeded, 1-based. */
  readonly attempt: number;
  /** The order of completion within the run, from 0: compensation runs it backwards. */
  readonly position: number;
  /** How long the successful attempt took, in milliseconds. */
  readonly durationMs: number;
}

export interface FailedAttempt {
  readonly key: string;
  readonly attempt: number;
  readonly error: StoredError;
  /** No other attempt follows. */
  readonly final: boolean;
  readonly durationMs: number;
}

/** What a checkpoint makes of the run row. */
export interface RunMove {
  readonly status: RunStatus;
  /** Index of the node to execute next; in a compensation, unchanged. */
  readonly cursor: number;
  /** True while the worker goes on with the run; false lets it go (parked, handed back or ended). */
  readonly held: boolean;
  /**
   * Nothing of this is news to the row but the cursor, and that the checkpoint's journal row says as well: a store may leave
   * the row alone.
   */
  readonly quiet: boolean;
  readonly due: Due;
  /** Names of the signals, any of which wakes the parked run. */
  readonly awaiting: readonly string[] | null;
  readonly error: StoredError | null;
  /**
   * Apply the move only while the row's wake-up counter has this value. Every signal, child end and cancel raises it, so
   * a park or an ending that did not see one of them is refused (`woken`) while its journal rows are still written.
   */
  readonly ifWakeups: number | null;
}

/** The one kind of write that moves a run. */
export interface Checkpoint {
  readonly runId: string;
  readonly epoch: number;
  /** The row's wake-up counter as the holder knows it: while it stands at that, nothing has come in. */
  readonly seen: number;
  readonly journal: readonly JournalEntry[];
  readonly attempts: readonly FailedAttempt[];
  /** Absent when a branch or item finished and the run itself stays where it is. */
  readonly move: RunMove | null;
  /** Heartbeat details by unit key, as JSON text. */
  readonly progress: readonly { readonly key: string; readonly value: string }[];
  /** Children started by this checkpoint. */
  readonly children: readonly NewRun[];
  /** Signals taken by this checkpoint, each with the journal key that took it. */
  readonly consumed: readonly { readonly signalId: string; readonly key: string }[];
  /** Set when the move ends a child: its parent is woken in the same transaction. */
  readonly parentId: string | null;
}

/** What has come in for a run that is held, as the row says it. */
export interface HolderNews {
  readonly wakeups: number;
  readonly cancel: CancelRequest | null;
  /** An operator wants the run to be let go at the next occasion. */
  readonly paused: boolean;
}

export type CheckpointOutcome =
  /** Written; the news is the row's at that moment, so that the holder notices what came in. */
  | ({ readonly outcome: 'committed' } & HolderNews)
  /** Journal rows written, the move refused: something woke the run meanwhile. */
  | ({ readonly outcome: 'woken' } & HolderNews)
  /** Nothing written: another claim holds the run, or it is gone. */
  | { readonly outcome: 'lost' }
  /** Nothing written yet: another transaction holds the row's lock. Try again shortly. */
  | { readonly outcome: 'busy' };

/** What is known of the failed attempts of a unit. */
export interface UnitFailures {
  readonly attempts: number;
  /** The last one was not to be followed by another. */
  readonly final: boolean;
  readonly error: StoredError;
  /** Milliseconds since the last one, by the store's clock, when the run was loaded. */
  readonly agoMs: number;
}

/** A signal that waits to be taken. */
export interface StoredSignal {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
}

/** How a child stands, as its parent asks. */
export interface ChildState {
  readonly id: string;
  readonly status: RunStatus;
  readonly error: StoredError | null;
  /** Only of a completed child. */
  readonly journal: readonly JournalEntry[];
}

/** A run taken by this worker, with everything needed to go on. */
export interface ClaimedRun {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly planHash: string;
  /** The status before the claim. */
  readonly previousStatus: RunStatus;
  /** A worker has taken it before. */
  readonly begun: boolean;
  readonly status: RunStatus;
  readonly epoch: number;
  readonly cursor: number;
  /** Deliveries since the run last made progress, this one included. */
  readonly deliveries: number;
  readonly wakeups: number;
  readonly cancel: CancelRequest | null;
  /** JSON text. */
  readonly input: string;
  readonly error: StoredError | null;
  readonly parentId: string | null;
  readonly parentKey: string | null;
  readonly trace: string | null;
  /** How long it had been due when it was claimed, by the store's clock. */
  readonly waitedMs: number;
  /** Milliseconds until the run's deadline by the store's clock; negative when it has passed. */
  readonly deadlineInMs: number | null;
  readonly journal: readonly JournalEntry[];
  /** Failed attempts since the last operator's retry, by unit key: how many, and whether the last one was final. */
  readonly failures: ReadonlyMap<string, UnitFailures>;
  /** Heartbeat details by unit key, as JSON text. */
  readonly progress: ReadonlyMap<string, string>;
  /** How often what an undo had undone was taken up again by an operator, by the undo's key. */
  readonly redone: ReadonlyMap<string, number>;
}
