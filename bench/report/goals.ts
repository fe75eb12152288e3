import { OURS } from '../subjects/subject-names.js';
import { LATENCY } from '../workloads/latency.workload.js';
import { STARTS } from '../workloads/starts.workload.js';
import { backlogRow, PROCESSES, sharedRow } from '../workloads/processes.workload.js';
import { CROWD, CROWD_NO_OPS, CROWD_SMALL_HEAP } from '../workloads/step-kinds.workloads.js';
import {
  FINISHED,
  FINISHED_COUNTS,
  finishedRow,
  PARKED,
  PARKED_COUNTS,
  parkedRow,
} from '../workloads/table-size.workloads.js';
import { HEAP, HEAP_ROW } from '../workloads/heap.workload.js';
import {
  FEW_IN_FLIGHT,
  ONE_STEP,
  PLAIN_COMMITS,
  SINGLE_STATEMENTS,
  TEN_STEPS,
} from '../workloads/throughput.workload.js';
import type { Results } from './results.js';

export interface Goal {
  readonly goal: string;
  /** For people; null where it was not measured. */
  readonly measured: string | null;
  readonly met: boolean | null;
}

/** What the bench has to show, and what it showed. */
export function judge(results: Results): Goal[] {
  return [
    timesBestPeer(results, 'ten steps, one process: 25 times the best peer', TEN_STEPS, 'stepsPerSecond', 25),
    timesRow(results, 'ten steps: 3 times one INSERT and one UPDATE a commit', PLAIN_COMMITS, 3),
    timesRow(results, 'ten steps: 3 times the same in one statement (stricter than asked)', SINGLE_STATEMENTS, 3),
    atMost('ten steps: 0.08 ms of CPU a step, Node and server', 0.08, ours(results, TEN_STEPS, 'cpuMs'), 'ms', 3),
    atMost('ten steps, 200 in flight: 0.05 statements a step', 0.05, few(results, 'statements'), '', 3),
    atMost('ten steps, 200 in flight: 0.05 commits a step', 0.05, few(results, 'commits'), '', 3),
    timesBestPeer(results, 'one step: 8 times the best peer', ONE_STEP, 'stepsPerSecond', 8),
    atMost('idle, one step: at most 3 one-row commits (p50)', 3, ours(results, LATENCY, 'one.commits'), 'commits', 1),
    belowEveryPeer(results, 'idle, one step: below every peer (p50)', 'one.p50'),
    atMost(
      'idle, ten steps: at most 12 one-row commits (p50)',
      12,
      ours(results, LATENCY, 'ten.commits'),
      'commits',
      1,
    ),
    timesBestPeer(results, 'starts of 32 callers: 3 times the best peer', STARTS, 'startsPerSecond', 3),
    manyStarts(results, '10,000 starts at once: 10 times the best peer with 32 callers', 'startsPerSecond', 10),
    manyStarts(results, '10,000 starts at once: 10 times the best bulk insert of a peer', 'manyPerSecond', 10),
    notSlower(
      results,
      '1,000,000 parked runs: less than 5 % slower',
      PARKED,
      parkedRow(PARKED_COUNTS.many),
      parkedRow(0),
      0.95,
    ),
    notSlower(
      results,
      '100,000 finished runs: less than 5 % slower',
      FINISHED,
      finishedRow(FINISHED_COUNTS.many),
      finishedRow(FINISHED_COUNTS.few),
      0.95,
    ),
    notSlower(results, '2 processes on the load of one: never slower', PROCESSES, sharedRow(2), sharedRow(1), 1),
    notSlower(results, '2 processes on the backlog of one: never slower', PROCESSES, backlogRow(2), backlogRow(1), 1),
    ...[sharedRow(4), backlogRow(4)].flatMap((row) => [
      atMost(`${row}: no deadlock`, 0, results.figure(PROCESSES, row, 'deadlocks'), 'deadlocks', 0),
      atMost(`${row}: at most 1 % lock waits`, 1, results.figure(PROCESSES, row, 'lockWaitPercent'), '%', 2),
    ]),
    ...[CROWD_NO_OPS, CROWD_SMALL_HEAP].flatMap((row) => [
      atMost(
        `10,000 runs in flight, ${row}: RSS below 250 MB`,
        250,
        megabytes(results.figure(CROWD, row, 'rssMiB')),
        'MB',
        0,
      ),
      atMost(
        `10,000 runs in flight, ${row}: event loop delay p99 below 50 ms`,
        50,
        results.figure(CROWD, row, 'loopDelayP99Ms'),
        'ms',
        1,
      ),
    ]),
    atMost(
      'heap flat over a million steps: at most 5 % growth',
      5,
      results.figure(HEAP, HEAP_ROW, 'growthPercent'),
      '%',
      1,
    ),
  ];
}

/** With another number of runs in flight for all, that stands for it. */
function few(results: Results, figure: string): number | null {
  return results.figure(TEN_STEPS, FEW_IN_FLIGHT, figure) ?? ours(results, TEN_STEPS, figure);
}

function ours(results: Results, workload: string, figure: string): number | null {
  return results.figure(workload, OURS, figure);
}

function timesBestPeer(results: Results, goal: string, workload: string, figure: string, times: number): Goal {
  const best = results.bestPeer(workload, figure, 'most');
  const ratio = best && results.ratio(workload, OURS, best.row, figure);
  if (best === null || ratio === null) return unmeasured(goal);
  return { goal, measured: `${ratio.toFixed(1)} times ${best.row}`, met: ratio >= times };
}

function timesRow(results: Results, goal: string, row: string, times: number): Goal {
  const ratio = results.ratio(TEN_STEPS, OURS, row, 'stepsPerSecond');
  if (ratio === null) return unmeasured(goal);
  return { goal, measured: `${ratio.toFixed(1)} times`, met: ratio >= times };
}

/** What a peer can do for many is an insert without any journal; what it does for 32 callers is the other reading. */
function manyStarts(results: Results, goal: string, figureOfPeers: string, times: number): Goal {
  const [many, best] = [ours(results, STARTS, 'manyPerSecond'), results.bestPeer(STARTS, figureOfPeers, 'most')];
  if (many === null || best === null) return unmeasured(goal);
  const ratio = many / best.value;
  return { goal, measured: `${ratio.toFixed(1)} times ${best.row}`, met: ratio >= times };
}

function belowEveryPeer(results: Results, goal: string, figure: string): Goal {
  const [one, best] = [ours(results, LATENCY, figure), results.bestPeer(LATENCY, figure, 'least')];
  if (one === null || best === null) return unmeasured(goal);
  return { goal, measured: `${one.toFixed(2)} ms, ${best.row} ${best.value.toFixed(2)} ms`, met: one < best.value };
}

function atMost(goal: string, most: number, value: number | null, unit: string, digits: number): Goal {
  if (value === null) return unmeasured(goal);
  return { goal, measured: `${value.toFixed(digits)} ${unit}`.trim(), met: value <= most };
}

function notSlower(results: Results, goal: string, workload: string, row: string, than: string, share: number): Goal {
  const ratio = results.ratio(workload, row, than, 'stepsPerSecond');
  if (ratio === null) return unmeasured(goal);
  return { goal, measured: `${(ratio * 100).toFixed(1)} % of the speed`, met: ratio >= share };
}

function megabytes(mebibytes: number | null): number | null {
  return mebibytes === null ? null : (mebibytes * 2 ** 20) / 1e6;
}

function unmeasured(goal: string): Goal {
  return { goal, measured: null, met: null };
}
