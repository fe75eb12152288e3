import os from 'node:os';
import type { BenchServer } from '../database/bench-server.js';
import { medians, type Figures } from '../measure/statistics.js';
import type { BenchOptions } from '../options/bench-options.js';
import type { Peers } from '../subjects/subject-names.js';
import type { Column, WorkloadResult } from '../workloads/workload.interface.js';
import { judge, type Goal } from './goals.js';
import { Results } from './results.js';

export interface ReportRow {
  readonly row: string;
  readonly settings: string;
  /** Medians of the turns. */
  readonly figures: Figures;
  readonly turns: readonly Figures[];
}

export interface ReportTable {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly ReportRow[];
}

export interface Report {
  readonly date: string;
  readonly minutes: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    /** Of the minute before the bench began, and before it ended. */
    readonly load: { readonly before: number; readonly after: number };
  };
  readonly node: string;
  readonly database: { readonly place: string; readonly settings: Readonly<Record<string, string>> };
  readonly warnings: readonly string[];
  readonly options: BenchOptions;
  readonly peers: Peers;
  readonly tables: readonly ReportTable[];
  readonly goals: readonly Goal[];
}

/** When the bench began. */
export interface Beginning {
  readonly at: Date;
  readonly load: number;
}

export function makeReport(
  results: readonly WorkloadResult[],
  server: Pick<BenchServer, 'place' | 'settings' | 'warnings'>,
  options: BenchOptions,
  peers: Peers,
  began: Beginning,
): Report {
  const { place, settings, warnings } = server;
  return {
    date: began.at.toISOString(),
    minutes: (Date.now() - began.at.getTime()) / 60_000,
    machine: {
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
      load: { before: began.load, after: os.loadavg()[0] },
    },
    node: process.version,
    database: { place, settings },
    warnings,
    options,
    peers,
    tables: results.map(({ name, title, columns, cases }) => ({
      name,
      title,
      columns,
      rows: cases.map(({ row, settings, turns }) => ({ row, settings, figures: medians(turns), turns })),
    })),
    goals: judge(new Results(results)),
  };
}
