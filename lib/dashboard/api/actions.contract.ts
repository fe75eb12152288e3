import type { RunStatus } from '../../definition/run-state.js';
import type { RunAction } from './common.contract.js';
import type { RunFilterBody, RunRow } from './runs.contract.js';

/**
 * Body of `preview/:action` and `actions/:action`.
 *
 * | action | takes |
 * |---|---|
 * | `signal` | `name`, `payload?` (any JSON; absent: null) |
 * | `resume` | `payload?` |
 * | `cancel` | `compensate?` (default true), `reason?` |
 * | `retry` | `from?` (a node), `reason?` |
 * | `skip` | `node`, `payload?` (the result), `reason?` |
 * | `pause`, `unpause`, `terminate` | `reason?` |
 * | `migrate` | `to` (a version), `map?`, `reason?` |
 */
export interface ActionBody {
  readonly reason?: string;
  readonly name?: string;
  readonly payload?: unknown;
  readonly compensate?: boolean;
  readonly from?: string;
  readonly node?: string;
  readonly to?: number;
  readonly map?: Readonly<Record<string, string>>;
  /**
   * `epoch` and `updatedAt` of the run are not compared; orders are decided on the run's row as it is then. This is the
   * `fingerprint` of the preview that was confirmed: when given and no longer true, the order is refused with 409.
   */
  readonly fingerprint?: string;
}

/** What an action would do. Nothing has been done. */
export interface PreviewAnswer {
  readonly action: RunAction;
  /** It would be accepted as things are. */
  readonly possible: boolean;
  /** One sentence: what will happen, or why it cannot. */
  readonly summary: string;
  /** What happens beside that, one line each. Undos, nodes and children have lists of their own. */
  readonly effects: readonly string[];
  /** Units whose undo will run, in the order of undoing (`cancel` with compensate). */
  readonly undo: readonly string[];
  /** Nodes that will be executed (again) (`retry`). */
  readonly redo: readonly string[];
  /** Children that will be canceled or ended too. */
  readonly children: readonly { readonly id: string; readonly workflowName: string; readonly becomes: string }[];
  /** Pass it with the action. */
  readonly fingerprint: string;
}

export interface ActionAnswer {
  readonly accepted: boolean;
  /** Status as the order left it. */
  readonly status: RunStatus;
  /** One sentence. */
  readonly summary: string;
  readonly run: RunRow;
}

export type BulkAction = 'cancel' | 'retry' | 'terminate' | 'pause' | 'unpause' | 'migrate' | 'signal';

export interface BulkPreviewBody {
  readonly action: BulkAction;
  /** All that match; or, instead, `runIds`: these (at most `limits.bulk`). */
  readonly filter?: RunFilterBody;
  readonly runIds?: readonly string[];
  readonly args?: Omit<ActionBody, 'fingerprint'>;
}

export interface BulkPreviewAnswer {
  /** How many runs match. More than `limits.bulk` (`capped`) cannot be ordered at once: narrow the filter. */
  readonly count: number;
  readonly capped: boolean;
  /** Of them, by status. */
  readonly statuses: readonly { readonly status: RunStatus; readonly count: number }[];
  /** Of them, how many are in a state in which the order can be accepted, as far as their status tells. */
  readonly eligible: number;
  /** One sentence. */
  readonly summary: string;
  /** The newest few. */
  readonly sample: readonly RunRow[];
  /** Runs created later are left alone; pass it with the order. */
  readonly upTo: string;
}

/** Repeat with `after` = `next` of the answer, and the same rest, until `next` is null. */
export interface BulkBody extends BulkPreviewBody {
  /** The `count` that the person confirmed. More runs than that: 409 `count_changed`, and nothing is done. */
  readonly confirmed: number;
  readonly upTo: string;
  /** Absent for the first batch. */
  readonly after?: string;
}

export interface BulkAnswer {
  readonly results: readonly {
    readonly runId: string;
    readonly accepted: boolean;
    readonly status: RunStatus | null;
    /** Why not, for people. */
    readonly message: string | null;
  }[];
  readonly next: string | null;
}
