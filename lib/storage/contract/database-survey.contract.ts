import type { PlanPlace } from './plan-store.contract.js';
import type { WorkerFacts } from './run-facts.contract.js';
import type { RunStatus } from '../../definition/run-state.js';

/** The server, as the role that asks sees it. */
export interface ServerFacts {
  /** E.g. `15.8`. */
  readonly version: string;
  /** E.g. `150008`. */
  readonly versionNumber: number;
  readonly database: string;
  readonly role: string;
  readonly superuser: boolean;
  /** A standby, which takes no writes. */
  readonly inRecovery: boolean;
  readonly encoding: string;
  /** Settings by name, as they apply to this role. */
  readonly settings: Readonly<Record<string, string>>;
  /** Connections of clients to the whole server, this one included. */
  readonly connections: number;
  /** The role may create schemas in the database. */
  readonly mayCreate: boolean;
}

/** How the server's clock stands to that of this process. */
export interface ClockFacts {
  /** Milliseconds by which the server's clock is ahead; negative when it is behind. */
  readonly aheadMs: number;
  /** How long the question took; the difference is known no better than to half of it. */
  readonly roundTripMs: number;
}

/**
 * Whose sessions the connections of this process are: its own, or those of a pooler that hands them round between
 * transactions or statements, which loses LISTEN, locks and prepared statements.
 */
export type SessionMode = 'own' | 'transaction' | 'statement';

export interface SchemaFacts {
  readonly exists: boolean;
  readonly usable: boolean;
  /** What this version of the package has and the schema lacks, oldest first. */
  readonly pending: readonly string[];
  readonly applied: readonly string[];
  /** What a newer version of the package applied. */
  readonly newer: readonly string[];
  readonly missingTables: readonly string[];
  /** Tables that the role may not even read. */
  readonly unreadableTables: readonly string[];
  /** What the role lacks to execute runs, as `run: INSERT`; see `durableRolesSql`. */
  readonly lacksAsWorker: readonly string[];
  /** What it lacks to repair and purge them. */
  readonly lacksAsOperator: readonly string[];
  readonly missingIndexes: readonly string[];
  /** There, and not usable: a build of it failed. */
  readonly invalidIndexes: readonly string[];
}

/** A worker's row, and whether it lives. */
export interface SurveyedWorker extends WorkerFacts {
  readonly startedAt: Date;
  /** How long ago it was heard of, in milliseconds. */
  readonly heartbeatAgeMs: number;
  /** Its lease has not ended. */
  readonly leased: boolean;
  /** A session of it holds its advisory lock. */
  readonly locked: boolean;
}

/** Runs that are due, not held, and not paused. */
export interface BacklogFacts {
  readonly workflow: string;
  readonly version: number;
  readonly queue: string;
  readonly runs: number;
  /** How long the oldest has been due, in milliseconds. */
  readonly oldestMs: number;
}

/** Looks at the database from outside of any run: for operators and health checks. Changes nothing. */
export interface DatabaseSurvey {
  server(): Promise<ServerFacts>;
  clock(): Promise<ClockFacts>;
  sessions(): Promise<SessionMode>;
  schema(): Promise<SchemaFacts>;
  /** Every worker's row, the one that was heard of last first. */
  workers(): Promise<readonly SurveyedWorker[]>;
  /** Due runs by what they need to be taken. Reads every such run. */
  backlog(): Promise<readonly BacklogFacts[]>;
  /** Runs that stand still because their plan changed under them. */
  stopped(): Promise<readonly (Pick<PlanPlace, 'workflow' | 'version'> & { readonly runs: number })[]>;
  /** `name@version` of every workflow that some process has registered. */
  workflows(): Promise<readonly string[]>;
  /** How many runs a purge would find. */
  purgeable(filter: PurgeableFilter): Promise<number>;
  close(): Promise<void>;
}

export interface PurgeableFilter {
  readonly finishedBefore: { readonly ageMs: number } | { readonly at: Date };
  readonly status: readonly RunStatus[];
}
