import type { PlanJson } from '../../definition/plan-json.js';
import type { NodeKind } from '../../definition/plan.js';
import type { RunExplanation } from '../../runner/run-explanation.interface.js';
import type { OperatorAction } from '../../storage/contract/run-repair.contract.js';
import type { CappedCount, DashboardAction, ErrorView, RunAction, Time, Wire } from './common.contract.js';
import type { RunRow } from './runs.contract.js';

/**
 * A payload as indented JSON text, to be shown as text and nothing else.
 *
 * - `hidden`: the person lacks `payload`; nothing else is known of it.
 * - `none`: there is none.
 * - `shown`: `text` is JSON; when `truncated`, only its beginning, and `api/runs/:id/payload?of=<ref>` has the rest.
 */
export type Payload =
  | { readonly state: 'hidden' }
  | { readonly state: 'none' }
  | {
      readonly state: 'shown';
      readonly text: string;
      readonly truncated: boolean;
      /** Characters of the whole. */
      readonly length: number;
      /** What `of=` names it by. */
      readonly ref: string;
    };

/** The whole of a payload, up to 4 MiB. 403 without `payload`. */
export interface PayloadAnswer {
  readonly text: string;
  readonly truncated: boolean;
  readonly length: number;
}

/** Where a node, or one part of it, stands in the run. */
export type NodeState = 'done' | 'running' | 'waiting' | 'failed' | 'undone' | 'skipped' | 'not_reached';

/** The run laid over one node of its plan. */
export interface NodeView {
  readonly name: string;
  readonly kind: NodeKind;
  readonly index: number;
  readonly state: NodeState;
  /** Failed attempts of the node and its parts. */
  readonly failedAttempts: number;
  /** An undo of it, or of one of its parts, has given up: what it did is still there. */
  readonly undoFailed: boolean;
  readonly startedAt: Time | null;
  readonly finishedAt: Time | null;
  /** Branches of a parallel or route, iterations of a loop, items of a forEach; at most 200 of them. */
  readonly parts: readonly {
    /** The branch's name, or the number of the iteration or item. */
    readonly name: string;
    readonly state: NodeState;
    readonly failedAttempts: number;
  }[];
  /** Parts in all. */
  readonly partCount: number;
}

/** A bar of the timeline. */
export interface TimelineSpan {
  /** Journal key of the unit, e.g. `charge`, `notify.email`, `pack#3`, `undo:charge`; null for what concerns the whole run. */
  readonly unit: string | null;
  /** Name of its node. */
  readonly node: string | null;
  /**
   * - `attempt`: a try of a unit. `wait`: a sleep, signal, child, backoff, suspended step. `compensation`: a try of an undo.
   * - `queued`: due and not taken. `paused`: kept back by an operator (from when on; null `to` while it lasts).
   */
  readonly kind: 'attempt' | 'wait' | 'compensation' | 'queued' | 'paused';
  readonly outcome: 'completed' | 'failed' | 'open';
  /** 1-based, for attempts and compensations. */
  readonly attempt: number | null;
  readonly from: Time;
  /** null while it lasts. */
  readonly to: Time | null;
  /** A short text: what is waited for, or the error's message. */
  readonly label: string;
}

export interface JournalRow {
  readonly key: string;
  /** `attempt` for a failed one. */
  readonly kind: string;
  readonly status: 'completed' | 'failed';
  readonly attempt: number;
  readonly epoch: number;
  /** The order of completion; null for failed attempts. */
  readonly position: number | null;
  readonly durationMs: number;
  readonly at: Time;
  readonly error: ErrorView | null;
  readonly result: Payload;
}

/** Oldest first, at most 200 a page. */
export interface JournalAnswer {
  readonly rows: readonly JournalRow[];
  /** Pass it as `after`; null on the last page. */
  readonly next: string | null;
}

export interface SignalView {
  readonly id: string;
  readonly name: string;
  readonly sentAt: Time;
  /** The journal key that took it; null while it is kept. */
  readonly consumedBy: string | null;
  readonly payload: Payload;
}

/** A line of the audit trail. */
export interface OperationView {
  readonly id: string;
  readonly runId: string | null;
  readonly workflowName: string;
  readonly version: number | null;
  readonly action: OperatorAction;
  readonly at: Time;
  readonly by: string | null;
  readonly reason: string | null;
  /** What the order changed of the run. */
  readonly before: Payload;
  readonly after: Payload;
}

/** What one action would need, and whether it is offered now. */
export interface ActionView {
  readonly action: RunAction;
  /** The person may do it and the run is in a state for it. */
  readonly enabled: boolean;
  /** Why not, for people. */
  readonly why: string | null;
  /** Nodes to choose from: for `retry` (`from`), the first being the default; for `skip` the one it stands at. */
  readonly nodes?: readonly string[];
  /** Signals that it waits for now, for `signal`; any other name may be given too. */
  readonly signals?: readonly string[];
  /** Versions to choose from, for `migrate`. */
  readonly versions?: readonly number[];
}

export interface RunAnswer {
  readonly now: Time;
  readonly run: RunRow & {
    readonly planHash: string;
    readonly epoch: number;
    /** The attempt that is in progress or comes next. */
    readonly attempt: number;
    readonly deadlineAt: Time | null;
    readonly error: ErrorView | null;
    readonly input: Payload;
    /** All results by node, once it has completed. */
    readonly result: Payload;
  };
  /** What the person may do with this run. */
  readonly allowed: readonly DashboardAction[];
  readonly actions: readonly ActionView[];
  readonly explanation: Wire<RunExplanation>;
  /** Null when no process that knows the plan ever stored it. */
  readonly plan: PlanJson | null;
  /** In the order of the plan. */
  readonly nodes: readonly NodeView[];
  /** By start. At most 1000; the oldest are left out first. */
  readonly timeline: readonly TimelineSpan[];
  readonly timelineTruncated: boolean;
  /** The first page; `api/runs/:id/journal?after=` has the rest. */
  readonly journal: JournalAnswer;
  readonly signals: readonly SignalView[];
  /** What `heartbeat()` stored, by unit. */
  readonly progress: readonly { readonly key: string; readonly at: Time; readonly value: Payload }[];
  readonly parent: RunRow | null;
  /** The newest 100; `api/runs?parent=` has the rest. */
  readonly children: readonly RunRow[];
  readonly childCount: CappedCount;
  readonly operations: readonly OperationView[];
}
