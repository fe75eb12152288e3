/** Steps of a run, by the name of its plan. */
export const PLANS = { 'one-step': 1, 'ten-steps': 10 } as const;
export type PlanName = keyof typeof PLANS;
export const PLAN_NAMES = Object.keys(PLANS) as PlanName[];

/** How the steps of the plans are, where they are not no-ops. */
export interface StepKind {
  /** Length of each result in JSON. */
  readonly resultBytes?: number;
  readonly waitMs?: number;
  /** Each inserts a row in the transaction that journals it. */
  readonly transactional?: boolean;
}

export interface SubjectSpec {
  readonly url: string;
  /** A worker executes runs and may start them; a starter has no worker, so that starts are measured alone. */
  readonly role: 'worker' | 'starter';
  /** Runs that it should have in flight at one time. */
  readonly inFlight: number;
  readonly steps?: StepKind;
  /** One run at a time: nothing gathers for the sake of throughput. */
  readonly idle?: boolean;
}

/**
 * An engine in this process, with its best settings. Every engine does the same work: runs of no-op steps, of which each is
 * durable before the next begins.
 *
 * Lifecycle: its factory prepares the schema and starts the worker → any number of runs → the process is ended.
 */
export interface Subject {
  /** The settings that were chosen, for people. */
  readonly settings: string;
  /** Starts a run and resolves when it has ended. */
  run(plan: PlanName): Promise<void>;
  /** Resolves when the run is durable. */
  start(plan: PlanName): Promise<void>;
  /** Null where the engine has nothing for many at once. */
  readonly startMany: ((plan: PlanName, count: number) => Promise<void>) | null;
  /** Null where it is not measured. */
  readonly parking: Parking | null;
}

/** Runs that wait for a signal, then do one more step. */
export interface Parking {
  startMany(count: number): Promise<void>;
  signal(runId: string): Promise<void>;
}

/** @param onStep is called once for each execution of a step. */
export type SubjectFactory = (spec: SubjectSpec, onStep: () => void) => Promise<Subject>;

/** What a no-op step returns. */
export function stepResult(step: number): { ok: boolean; step: number } {
  return { ok: true, step };
}
