import type { Latency } from '../measure/statistics.js';
import type { PlanName, SubjectSpec } from '../subjects/subject.interface.js';

/** What a process has done and taken since it started. */
export interface ProcessReading {
  /** By its own clock. */
  readonly atMs: number;
  /** Steps executed. */
  readonly steps: number;
  readonly cpuMs: number;
  readonly peakRssMiB: number;
  /** After a collection, where the process was started so that it can be asked for. */
  readonly heapMiB: number;
  /** Of the event loop, since the reading before; in milliseconds. */
  readonly loopDelayP99Ms: number;
}

/** What the process of a subject can be asked for, by name. */
export interface SubjectTasks {
  /** The first one. */
  open(args: { subject: string; spec: SubjectSpec }): { settings: string };
  /** Runs are kept going from now on. */
  keepGoing(args: { plan: PlanName; inFlight: number }): null;
  read(args: { collect?: boolean }): ProcessReading;
  /**
   * One run at a time, start to result, until there are `samples` or `seconds` have passed; after each run one row is
   * inserted and committed, so that both are measured in the same moments.
   */
  latency(args: { plan: PlanName; samples: number; seconds: number }): { run: Latency; commit: Latency };
  /** So many callers start runs for so long. */
  starts(args: { callers: number; seconds: number }): { started: number; seconds: number };
  startMany(args: { plan: PlanName; count: number }): { seconds: number } | null;
  /** Starts runs that wait for a signal. */
  park(args: { count: number }): null;
  /** So many callers signal all of these runs. */
  signalAll(args: { runs: readonly string[]; callers: number }): { seconds: number };
}

export type TaskName = keyof SubjectTasks;
export type TaskArgs<Name extends TaskName> = Parameters<SubjectTasks[Name]>[0];
export type TaskResult<Name extends TaskName> = ReturnType<SubjectTasks[Name]>;

export interface Request {
  readonly id: number;
  readonly task: TaskName;
  readonly args: unknown;
}

export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
