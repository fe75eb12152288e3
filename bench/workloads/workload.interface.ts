import type { BenchServer } from '../database/bench-server.js';
import type { Figures } from '../measure/statistics.js';
import type { BenchOptions } from '../options/bench-options.js';

/** What a workload needs to know and use. */
export interface Bench {
  readonly options: BenchOptions;
  readonly server: BenchServer;
  /** Names of the engines that are compared here. */
  readonly subjects: readonly string[];
}

export interface Column {
  readonly figure: string;
  readonly title: string;
  /** Behind the point. */
  readonly digits: number;
}

export interface Measured {
  readonly figures: Figures;
  /** With what, for people. */
  readonly settings?: string;
}

/** One row of a workload's table. */
export interface Case {
  readonly row: string;
  measure(): Promise<Measured>;
  /** After the last turn. */
  close?(): Promise<void>;
}

/** What is measured together, in turns: each turn measures every case once, so that a busy moment falls on all of them. */
export interface Workload {
  readonly name: string;
  /** What is done, for people. */
  readonly title: string;
  readonly columns: readonly Column[];
  /** @default as many as the options say */
  readonly turns?: number;
  cases(bench: Bench): readonly Case[];
}

/** The figures of a case, one entry a turn. */
export interface CaseResult {
  readonly row: string;
  readonly settings: string;
  readonly turns: readonly Figures[];
}

export interface WorkloadResult {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly cases: readonly CaseResult[];
}
