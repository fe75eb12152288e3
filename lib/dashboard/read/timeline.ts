import { parseKey, waitKey } from '../../definition/journal-key.js';
import { isTerminal } from '../../definition/run-state.js';
import type { PlanJson } from '../../definition/plan-json.js';
import type { AttemptRow, MarkRow } from '../../storage/contract/dashboard-store.contract.js';
import type { TimelineSpan } from '../api/dashboard-api.contract.js';
import type { RunTraces } from './node-overlay.js';
import { timeOf } from './run-view.js';

/** More bars than pixels show nothing. */
const MOST_SPANS = 1_000;
const LABEL_LENGTH = 200;

type Span = Omit<TimelineSpan, 'from' | 'to'> & { readonly from: Date; readonly to: Date | null };

/** What a run did when: its attempts, waits and undos, from its journal. Pure. */
export function timelineOf(
  plan: PlanJson | null,
  traces: RunTraces,
  now: Date,
): { readonly timeline: TimelineSpan[]; readonly timelineTruncated: boolean } {
  const spans = [
    ...queued(traces, now),
    ...traces.marks.flatMap((mark) => ofMark(mark, traces)),
    ...traces.attempts.map(ofAttempt),
    ...backoffs(traces, now),
    ...openWaits(traces),
    ...present(plan, traces),
  ].sort((a, b) => a.from.getTime() - b.from.getTime());
  return {
    timeline: spans.slice(-MOST_SPANS).map(toView),
    timelineTruncated: spans.length > MOST_SPANS,
  };
}

function queued({ run }: RunTraces, now: Date): Span[] {
  const spans: Span[] = [];
  const whole = { unit: null, node: null, attempt: null };
  const open = run.startedAt === null && !isTerminal(run.status);
  const to = run.startedAt ?? run.finishedAt;
  if (open || to) {
    const outcome = open ? 'open' : 'completed';
    spans.push({ ...whole, kind: 'queued', outcome, from: run.createdAt, to, label: 'until a worker took it' });
  }
  if (run.startedAt !== null && run.worker === null && run.dueAt !== null && run.dueAt <= now && !run.pausedAt) {
    spans.push({ ...whole, kind: 'queued', outcome: 'open', from: run.dueAt, to: null, label: 'due' });
  }
  if (run.pausedAt) {
    spans.push({ ...whole, kind: 'paused', outcome: 'open', from: run.pausedAt, to: null, label: 'paused' });
  }
  return spans;
}

function ofMark(mark: MarkRow, { marks }: RunTraces): Span[] {
  const { key, kind, at, durationMs, attempt } = mark;
  const { node } = parseKey(key);
  const span = { unit: key, node, outcome: 'completed' as const, to: at };
  const from = new Date(at.getTime() - durationMs);
  switch (kind) {
    case 'suspension':
    case 'items':
    case 'composite':
      return [];
    case 'sleep':
    case 'signal':
    case 'child': {
      const since = marks.find((other) => other.key === waitKey(node));
      return [{ ...span, kind: 'wait', attempt: null, from: since?.at ?? from, label: WAITS[kind] }];
    }
    case 'undo':
      return [{ ...span, kind: 'compensation', attempt, from, label: 'undone' }];
    case 'skipped':
      return [{ ...span, kind: 'attempt', attempt: null, from: at, label: 'skipped by hand' }];
    default:
      return [{ ...span, kind: 'attempt', attempt, from, label: kind === 'decision' ? 'decided' : 'done' }];
  }
}

const WAITS = { sleep: 'sleep', signal: 'signal', child: 'child' } as const;

function ofAttempt({ key, attempt, at, durationMs, error }: AttemptRow): Span {
  return {
    unit: key,
    node: parseKey(key).node,
    kind: key.startsWith('undo:') ? 'compensation' : 'attempt',
    outcome: 'failed',
    attempt,
    from: new Date(at.getTime() - durationMs),
    to: at,
    label: `${error.name}: ${error.message}`,
  };
}

/** Between an attempt that failed and the next one of its unit. */
function backoffs({ run, attempts, marks }: RunTraces, now: Date): Span[] {
  return attempts.flatMap((failed, index): Span[] => {
    if (failed.final) return [];
    const next =
      attempts.slice(index + 1).find(({ key }) => key === failed.key) ?? marks.find(({ key }) => key === failed.key);
    const until = next ? new Date(next.at.getTime() - next.durationMs) : null;
    const waits =
      until === null && run.worker === null && !isTerminal(run.status) && run.dueAt !== null && run.dueAt > now;
    if (until === null && !waits) return [];
    const span = { unit: failed.key, node: parseKey(failed.key).node, attempt: null, label: 'until the next attempt' };
    return [{ ...span, kind: 'wait', outcome: until ? 'completed' : 'open', from: failed.at, to: until }];
  });
}

/** Waits that nothing has ended yet, or that ended with the run. */
function openWaits({ run, marks }: RunTraces): Span[] {
  const ended = new Set(marks.filter(({ kind }) => kind !== 'suspension').map(({ key }) => key));
  return marks.flatMap((mark): Span[] => {
    if (mark.kind !== 'suspension') return [];
    const { node } = parseKey(mark.key);
    if (ended.has(node)) return [];
    const to = isTerminal(run.status) ? run.finishedAt : null;
    const span = { unit: node, node, attempt: null, kind: 'wait' as const, label: labelOfWait(mark.says) };
    return [{ ...span, outcome: to ? 'completed' : 'open', from: mark.at, to }];
  });
}

/** What a worker is at: since the last thing that was written of the run. */
function present(plan: PlanJson | null, { run }: RunTraces): Span[] {
  const node = plan?.nodes[run.cursor]?.name;
  if (run.worker === null || node === undefined) return [];
  const kind = run.status === 'compensating' ? 'compensation' : 'attempt';
  return [{ unit: null, node, kind, outcome: 'open', attempt: null, from: run.updatedAt, to: null, label: 'at work' }];
}

function labelOfWait(says: string | null): string {
  const wait =
    says === null
      ? null
      : (JSON.parse(says) as { signals?: readonly string[]; childId?: string; until?: string | null });
  if (wait?.signals) return `waits for ${wait.signals.join(' or ')}`;
  if (wait?.childId) return 'waits for its child';
  return wait?.until ? `until ${wait.until}` : 'waits';
}

function toView({ from, to, label, ...span }: Span): TimelineSpan {
  return { ...span, from: timeOf(from), to: timeOf(to), label: label.slice(0, LABEL_LENGTH) };
}
