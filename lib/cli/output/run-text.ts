import type { RunExplanation } from '../../runner/run-explanation.interface.js';
import type { JournalRecord, OperationRecord, RunSnapshot, RunSummary } from '../../runner/run-snapshot.interface.js';
import { paintStatus } from './colors.js';
import type { Output } from './output.js';
import { cutTo, toJson, visible } from './safe-text.js';
import type { Column } from './table.js';
import { lengthOf, relative, shortTime } from './times.js';

/** Payloads stand beside other things; `--json` has them whole. */
const SHOWN_PAYLOAD = 160;

/** Rows of `list`. */
export function runColumns(out: Output, now: Date): readonly Column<RunSummary>[] {
  return [
    { head: 'RUN', value: (run) => run.id },
    { head: 'WORKFLOW', value: (run) => `${run.workflowName}@${run.version}`, shrinks: true },
    { head: 'STATUS', value: (run) => run.status, paint: (text) => paintStatus(out.paint, text) },
    { head: 'STEP', value: (run) => run.currentStep, align: 'right' },
    { head: 'CREATED', value: (run) => relative(run.createdAt, now) },
    { head: 'KEY', value: (run) => run.idempotencyKey, shrinks: true },
    { head: 'WAITS FOR', value: waitsFor(now), shrinks: true },
  ];
}

function waitsFor(now: Date): (run: RunSummary) => string {
  return ({ finishedAt, error, pausedAt, awaitingSignal, wakeAt }) => {
    if (error && finishedAt) return `${error.name}: ${error.message}`;
    if (finishedAt) return '';
    if (pausedAt) return 'paused';
    return [awaitingSignal && `signal ${awaitingSignal}`, wakeAt && dueText(wakeAt, now)].filter(Boolean).join(', ');
  };
}

/** When a worker may take it, or since when one could have. */
function dueText(wakeAt: Date, now: Date): string {
  return wakeAt > now ? relative(wakeAt, now) : `a worker, due ${relative(wakeAt, now)}`;
}

/** A run from all sides, as `status` shows it. */
export function runText(
  out: Output,
  run: RunSnapshot,
  explanation: RunExplanation,
  operations: readonly OperationRecord[],
): string {
  const { now } = explanation;
  const node = explanation.node ? `${explanation.node.name} (${explanation.node.kind}), ` : '';
  const facts: [string, string | null][] = [
    ['run', run.id],
    ['workflow', `${run.workflowName}@${run.version}`],
    ['status', paintStatus(out.paint, run.status)],
    ['node', `${node}${run.currentStep} of ${run.totalSteps} done`],
    ['key', run.idempotencyKey],
    ['tags', run.tags.length === 0 ? null : run.tags.join(', ')],
    ['parent', run.parentRunId],
    ['queue', run.queue],
    ['created', `${shortTime(run.createdAt)} (${relative(run.createdAt, now)})`],
    ['finished', run.finishedAt && `${shortTime(run.finishedAt)} (${relative(run.finishedAt, now)})`],
    ['deadline', run.deadlineAt && shortTime(run.deadlineAt)],
    ['input', cutTo(toJson(run.input), SHOWN_PAYLOAD)],
    ['error', run.error && `${run.error.name}: ${run.error.message}`],
  ];
  const lines = facts
    .filter(([, text]) => text !== null)
    .map(([name, text]) => `${out.paint('dim', name.padEnd(9))} ${name === 'status' ? text : visible(text!)}`);
  return [
    lines.join('\n'),
    `${visible(explanation.summary)}\n${visible(explanation.next)}`,
    out.table(journalColumns(out), run.journal),
    run.children.length === 0 ? '' : out.table(runColumns(out, now), run.children),
    out.table(OPERATION_COLUMNS, operations),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function journalColumns(out: Output): readonly Column<JournalRecord>[] {
  return [
    { head: 'AT', value: ({ at }) => shortTime(at) },
    { head: 'UNIT', value: ({ key }) => key },
    { head: 'KIND', value: ({ kind }) => kind },
    { head: 'OUTCOME', value: ({ status }) => status, paint: (text) => paintStatus(out.paint, text) },
    { head: 'ATTEMPT', value: ({ attempt }) => attempt, align: 'right' },
    { head: 'TOOK', value: ({ durationMs }) => lengthOf(durationMs), align: 'right' },
    { head: 'RESULT', value: outcomeOf, shrinks: true },
  ];
}

function outcomeOf({ error, result }: JournalRecord): string {
  return cutTo(error ? `${error.name}: ${error.message}` : toJson(result), SHOWN_PAYLOAD);
}

const OPERATION_COLUMNS: readonly Column<OperationRecord>[] = [
  { head: 'AT', value: ({ at }) => shortTime(at) },
  { head: 'ORDER', value: ({ action }) => action },
  { head: 'BY', value: ({ by }) => by, shrinks: true },
  { head: 'REASON', value: ({ reason }) => reason, shrinks: true },
];

/** A line of the journal, as `--watch` prints it when it is written. */
export function journalLine(out: Output, record: JournalRecord): string {
  const status = paintStatus(out.paint, record.status);
  const attempt = record.attempt > 1 ? `, attempt ${record.attempt}` : '';
  const time = out.paint('dim', shortTime(record.at));
  return `${time}  ${visible(record.key)} ${status}${attempt}, ${lengthOf(record.durationMs)}: ${visible(outcomeOf(record))}`;
}
