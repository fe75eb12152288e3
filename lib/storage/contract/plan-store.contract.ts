import type { RunStatus } from '../../definition/run-state.js';
import type { PlanRef, StoredError } from './records.js';
import type { OrderedBy } from './run-repair.contract.js';

export interface StoredDefinition {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  /** JSON text of the plan. */
  readonly plan: string;
  readonly nodes: number;
}

/** A held run that goes on by another plan than the one it was executed by, or that had been stopped. */
export interface Adoption {
  readonly runId: string;
  readonly epoch: number;
  readonly planHash: string;
  /** What stays of the error that stopped it. */
  readonly error: StoredError | null;
}

/** What runs in flight are grouped by: where they are in which plan. */
export interface PlanPlace {
  readonly workflow: string;
  readonly version: number;
  readonly planHash: string;
  readonly cursor: number;
  /** A worker has taken them before. */
  readonly begun: boolean;
}

export interface RunCount {
  readonly runs: number;
  /** Of these, how many are stopped now because their plan changed. */
  readonly stopped: number;
  /** Ids of the oldest and the newest run. */
  readonly sample: readonly string[];
}

export type PlaceCount = PlanPlace & RunCount;

/** Runs of one place that have journaled the same, as far as plans go. */
export type FootprintCount = RunCount & { readonly marks: readonly string[] };

/** A run that may move to another plan. */
export interface Movable {
  readonly id: string;
  readonly status: RunStatus;
  readonly version: number;
  readonly planHash: string;
  readonly cursor: number;
  readonly epoch: number;
  readonly begun: boolean;
  readonly held: boolean;
  /** What it has journaled; see `footprintOfMarks`. */
  readonly marks: readonly string[];
}

export interface MovableFilter {
  readonly workflow: string;
  readonly version: number | null;
  readonly planHash: string | null;
  readonly runIds: readonly string[] | null;
  /** Keyset: runs newer than this id. */
  readonly after: string | null;
  readonly limit: number;
}

export interface Move {
  readonly run: Movable;
  readonly to: { readonly version: number; readonly planHash: string; readonly cursor: number };
  /** Former and present names of the nodes whose rows are to be renamed. */
  readonly renames: readonly (readonly [former: string, present: string])[];
  readonly order: OrderedBy;
}

/** How runs and plans belong together: what workers ask when a plan has changed, and what operators do about it. */
export interface PlanStore {
  /** Stores plans that this process registers, by content hash. Plans are never changed or deleted. */
  save(definitions: readonly StoredDefinition[]): Promise<void>;

  /** A plan by its hash, as it was first registered. */
  definition(name: string, version: number, hash: string): Promise<StoredDefinition | null>;

  /** The plan of a version, of the highest one when none is named; the latest where a version had several. */
  latest(name: string, version?: number): Promise<StoredDefinition | null>;

  /**
   * Writes down by which plan a held run goes on, before anything is executed by it. Locks the run row and compares its
   * epoch. Repeating it is harmless.
   *
   * @returns false when another claim holds the run.
   */
  adopt(adoption: Adoption): Promise<boolean>;

  /**
   * Makes up to `limit` runs due that other plans than these have stopped: what carries them may be here now. Takes the due
   * time off those that these very plans have stopped and that somebody else made due and did not take. Passes over rows
   * that are locked; the next call finds them.
   *
   * @returns how many runs became due.
   */
  release(queue: string, plans: readonly PlanRef[], limit: number): Promise<number>;

  /** Every place that runs in flight are at. One query; its cost is that of reading the rows of those runs. */
  places(): Promise<readonly PlaceCount[]>;

  /** The runs of one place by what they have journaled of these nodes. */
  footprints(place: PlanPlace, nodes: readonly string[]): Promise<readonly FootprintCount[]>;

  /** Runs in flight, oldest first. */
  movable(filter: MovableFilter): Promise<readonly Movable[]>;

  /**
   * Moves a run to another plan, in one transaction: locks its row, and moves it only when nothing of it has changed since
   * it was read and no worker holds it. Raises the epoch of a run that was begun, so that a late write of its last holder
   * counts for nothing. A stopped run becomes due.
   *
   * @returns the run's queue, or `null` when something has changed.
   */
  move(move: Move): Promise<string | null>;
}
