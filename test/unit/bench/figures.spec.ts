/** Covers: how readings become figures, and figures become medians, ratios and verdicts. */
import { latencyOf, median, medians, percentile } from '../../../bench/measure/statistics.js';
import { figuresOf, type Readings } from '../../../bench/measure/window.js';
import { judge } from '../../../bench/report/goals.js';
import { Results } from '../../../bench/report/results.js';
import type { Figures } from '../../../bench/measure/statistics.js';
import type { WorkloadResult } from '../../../bench/workloads/workload.interface.js';

describe('the statistics of the bench', () => {
  it('takes the middle, or the mean of two middles', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 9])).toBe(3);
  });

  it('takes the smallest value that a share of all does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(latencyOf(values)).toEqual({ p50: 50, p95: 95, p99: 99 });
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('leaves out what a turn could not measure', () => {
    expect(medians([{ a: 1, b: null }, { a: 3, b: null }, { a: 2 }])).toEqual({ a: 2, b: null });
  });
});

describe('a window of a steady load', () => {
  const reading = (at: number, steps: number, cpuMs: number): Readings['processes'][number] => {
    return { atMs: at, steps, cpuMs, peakRssMiB: 100 + steps, heapMiB: 0, loopDelayP99Ms: 1 };
  };
  const before: Readings = {
    server: { commits: 10, statements: 100, walBytes: 1000, cpuMs: 50 },
    processes: [reading(0, 0, 0), reading(500, 100, 5)],
  };
  const after: Readings = {
    server: { commits: 20, statements: 150, walBytes: 9000, cpuMs: 90 },
    processes: [reading(1000, 300, 30), reading(2500, 200, 15)],
  };

  it('adds what each process did by its own clock', () => {
    expect(figuresOf(before, after).stepsPerSecond).toBe(300 + 50);
  });

  it('divides what it took by all steps, and adds Node and server', () => {
    expect(figuresOf(before, after)).toMatchObject({
      nodeCpuMs: 0.1,
      postgresCpuMs: 0.1,
      cpuMs: 0.2,
      commits: 0.025,
      statements: 0.125,
      walBytes: 20,
      rssMiB: 400,
    });
  });

  it('says nothing of the CPU time of a server elsewhere', () => {
    const elsewhere = { ...after, server: { ...after.server, cpuMs: null } };
    expect(figuresOf(before, elsewhere)).toMatchObject({ nodeCpuMs: 0.1, postgresCpuMs: null, cpuMs: null });
  });
});

describe('the verdicts of the bench', () => {
  const result = (name: string, rows: Record<string, Figures[]>): WorkloadResult => {
    const cases = Object.entries(rows).map(([row, turns]) => ({ row, settings: '', turns }));
    return { name, title: '', columns: [], cases };
  };
  const speeds = (...values: number[]): Figures[] => values.map((stepsPerSecond) => ({ stepsPerSecond, cpuMs: 0.1 }));
  const results = new Results([
    result('ten-steps', {
      'nest-durable': speeds(1000, 3000, 2000),
      'pg-boss': speeds(100, 100, 50),
      dbos: speeds(10, 10, 400),
    }),
  ]);

  it('takes ratios within a turn, to the peer that is best by its median', () => {
    expect(results.bestPeer('ten-steps', 'stepsPerSecond', 'most')).toEqual({ row: 'pg-boss', value: 100 });
    expect(results.ratio('ten-steps', 'nest-durable', 'pg-boss', 'stepsPerSecond')).toBe(30);
  });

  it('says met, not met, or not measured', () => {
    const verdicts = Object.fromEntries(judge(results).map(({ goal, met }) => [goal, met]));
    expect(verdicts['ten steps, one process: 25 times the best peer']).toBe(true);
    expect(verdicts['ten steps: 0.08 ms of CPU a step, Node and server']).toBe(false);
    expect(verdicts['one step: 8 times the best peer']).toBeNull();
  });
});
