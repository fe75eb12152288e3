import type { JournalKind } from '../definition/journal-key.js';
import type { StoredError } from '../storage/contract/records.js';
import type { OperatorAction } from '../storage/contract/run-repair.contract.js';

/** Whose event it is. */
export interface RunIdentity {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
}

/** Why a run waits in the database. */
export type ParkReason =
  /** For its next attempt. */
  | 'retry'
  | 'sleep'
  | 'signal'
  /** For the end of a child. */
  | 'child'
  /** A step returned a suspension; `resume` goes on with it. */
  | 'resume'
  /** The worker stops, or the run is paused: another one takes it, or this one later. */
  | 'handed_back'
  /** The plan changed under the run. */
  | 'plan_changed';

/** What an operator may order, and what the event of it says beyond the operations of a run. */
export type OrderedAction = OperatorAction | 'purge' | 'recover';

interface StepEvent extends RunIdentity {
  /** The unit's journal key: `charge`, `notify.email`, `pack#3`, `undo:charge`. */
  readonly step: string;
  /** 1-based. */
  readonly attempt: number;
}

interface EndEvent extends RunIdentity {
  /** From the run's start to its end, waits included. */
  readonly durationMs: number;
}

interface WorkerEvent {
  /** The id of the lease: a new one after every start and every lost lease. */
  readonly workerId: string;
}

/**
 * Every event there is, with its own fields; each also carries `name` and `time` ({@link DurableEvent}). None carries a
 * payload: inputs, results and signals are read from the run by whoever may see them.
 *
 * What a checkpoint does is told after it has committed. Events are of this process and are not stored: one is missed when
 * the process dies between the commit and the telling, and none is told that did not happen.
 */
export interface DurableEventMap {
  /** A run exists, and has committed. Told where it was started; that of a child by its parent's worker. */
  'durable.run.started': RunIdentity & {
    readonly queue: string;
    readonly parentRunId: string | null;
    readonly idempotencyKey: string | null;
  };
  /** A worker has taken the run. */
  'durable.run.claimed': RunIdentity &
    WorkerEvent & {
      /** The fencing token of this claim. */
      readonly epoch: number;
      /** Deliveries since the run last made progress, this one included. */
      readonly delivery: number;
      /** How long the run had been due. */
      readonly waitedMs: number;
    };
  /** The claimed run had waited for something that came, or for a time that has passed. */
  'durable.run.woken': RunIdentity & WorkerEvent;
  /** The run waits in the database and holds no worker. */
  'durable.run.parked': RunIdentity & {
    readonly reason: ParkReason;
    /** The node that the run stands at. */
    readonly node: string | null;
    /** Names of the signals that wake it. */
    readonly awaiting: readonly string[] | null;
    /** When it is due by itself: milliseconds from now, or `null`. */
    readonly dueInMs: number | null;
  };
  'durable.run.completed': EndEvent;
  'durable.run.failed': EndEvent & { readonly error: StoredError | null };
  'durable.run.canceled': EndEvent & { readonly reason: string | null };
  /** The run begins to undo what it did. `error` is `null` when it was canceled. */
  'durable.run.compensating': RunIdentity & { readonly error: StoredError | null };
  /** An undo gave up: the business is in between, and a person has to look. */
  'durable.run.compensation_failed': EndEvent & { readonly error: StoredError | null };

  /** An attempt begins; the only event of a run that no commit stands behind. */
  'durable.step.started': StepEvent;
  'durable.step.completed': StepEvent & { readonly kind: JournalKind; readonly durationMs: number };
  /** An attempt failed; `final` says that no other one follows. */
  'durable.step.failed': StepEvent & {
    readonly final: boolean;
    readonly durationMs: number;
    readonly error: StoredError;
  };
  /** An attempt failed, and `nextAttempt` follows. Comes right behind its `durable.step.failed`. */
  'durable.step.retried': StepEvent & { readonly nextAttempt: number };
  /** What a unit did was undone; `step` is the key of the undo. */
  'durable.step.undone': StepEvent & { readonly durationMs: number };

  /** A signal was stored. `accepted`: a wait of the run takes it now. Told where it was sent. */
  'durable.signal.received': { readonly runId: string; readonly signal: string; readonly accepted: boolean };
  /** A wait of the run took a signal. */
  'durable.signal.consumed': RunIdentity & { readonly node: string };

  /** The run started a child. */
  'durable.child.started': RunIdentity & {
    readonly node: string;
    readonly childId: string;
    readonly childWorkflow: string;
    readonly childVersion: number;
  };
  /** The run took the results of its child. */
  'durable.child.completed': RunIdentity & { readonly node: string };
  /** The run's child failed, or was canceled. */
  'durable.child.failed': RunIdentity & { readonly node: string; readonly error: StoredError };

  /** A lease is held: runs are claimed from now on. */
  'durable.worker.started': WorkerEvent & {
    readonly worker: string;
    readonly queue: string;
    readonly slots: number;
  };
  /** The worker holds no run any more. */
  'durable.worker.stopped': WorkerEvent & { readonly worker: string; readonly queue: string };
  /** The lease could not be renewed: `runs` go on elsewhere, and this worker under a new lease. */
  'durable.worker.lease_lost': WorkerEvent & {
    readonly worker: string;
    readonly reason: string;
    readonly runs: number;
  };
  /** A sweep of this worker made the runs of dead workers due again. */
  'durable.worker.took_over': WorkerEvent & {
    readonly deadWorkers: readonly string[];
    readonly runs: number;
    readonly queues: readonly string[];
  };
  /** A write of this worker was refused, because another claim holds the run. */
  'durable.worker.fenced': WorkerEvent & RunIdentity & { readonly epoch: number };
  /** A batch of checkpoints has committed. */
  'durable.worker.flushed': WorkerEvent & { readonly checkpoints: number; readonly durationMs: number };
  /** The database was asked for due runs. */
  'durable.worker.claimed': WorkerEvent & {
    readonly asked: number;
    readonly runs: number;
    readonly durationMs: number;
  };

  /** Somebody ordered something of a run, of a workflow or of the engine. */
  'durable.operator.acted': {
    readonly action: OrderedAction;
    /** `null` for what concerns many runs. */
    readonly runId: string | null;
    readonly workflow: string | null;
    readonly by: string | null;
    readonly reason: string | null;
    readonly accepted: boolean;
    /** How many runs it concerned, where it was not one. */
    readonly runs: number | null;
  };
}

export type DurableEventName = keyof DurableEventMap;

/** One event, by its name. */
export type DurableEventOf<Name extends DurableEventName> = {
  [N in Name]: { readonly name: N; readonly time: Date } & Readonly<DurableEventMap[N]>;
}[Name];

/** Any event; `name` tells which. */
export type DurableEvent = DurableEventOf<DurableEventName>;
