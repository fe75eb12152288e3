import type { RunRow } from '../../../api/dashboard-api.contract.js';
import { RunLink, WorkflowName } from '../components/run-link.js';
import { SafeText } from '../components/safe-text.js';
import { Ago, Lasted } from '../components/times.js';
import { shortId, visibleText } from '../components/format-text.js';
import { now } from '../state/clock.js';
import type { RunColumn } from '../state/known-columns.js';

/** One value of one run. */
export function RunCell({ column, run }: { readonly column: Exclude<RunColumn, 'status'>; readonly run: RunRow }) {
  switch (column) {
    case 'run':
      return (
        <span class="cell-run">
          <RunLink run={run} />
          <span class="muted small">
            <WorkflowName name={run.workflowName} version={run.version} />
          </span>
        </span>
      );
    case 'node':
      return <Place run={run} />;
    case 'detail':
      return <Why run={run} />;
    case 'tags':
      return <Tags tags={run.tags} />;
    case 'key':
      return run.idempotencyKey === null ? <Nothing /> : <SafeText text={run.idempotencyKey} max={60} />;
    case 'queue':
      return <SafeText text={run.queue} />;
    case 'priority':
      return <span class="number">{run.priority}</span>;
    case 'worker':
      return run.workerId === null ? <Nothing /> : <code title={run.workerId}>{shortId(run.workerId)}</code>;
    case 'created':
      return <Ago at={run.createdAt} />;
    case 'updated':
      return <Ago at={run.updatedAt} />;
    case 'lasted':
      return <Lasted from={run.createdAt} to={run.finishedAt} />;
  }
}

/** When a worker may take it, or since when one could have. */
function Wake({ at }: { readonly at: string }) {
  if (Date.parse(at) > now.value) {
    return (
      <span>
        goes on <Ago at={at} />
      </span>
    );
  }
  return (
    <span>
      due for <Lasted from={at} to={null} />
    </span>
  );
}

function Nothing() {
  return <span class="muted">–</span>;
}

/** The node that it stands at, and how far that is. */
function Place({ run }: { readonly run: RunRow }) {
  const done = Math.min(run.currentStep, run.totalSteps);
  return (
    <span class="place" data-tone={run.status}>
      <SafeText text={run.currentNode ?? (done > 0 && done === run.totalSteps ? 'end' : '–')} max={80} />
      <span class="muted small">
        {done}/{run.totalSteps}
      </span>
    </span>
  );
}

/** What it failed with, or what it waits for. */
function Why({ run }: { readonly run: RunRow }) {
  if (run.error !== null) {
    return (
      <span class="why failed" title={visibleText(run.error.message.slice(0, 1000))}>
        <SafeText text={run.error.message} max={160} />
      </span>
    );
  }
  if (run.cancelReason !== null) return <SafeText text={run.cancelReason} max={160} />;
  if (run.awaitingSignal !== null) {
    return (
      <span>
        signal <SafeText text={run.awaitingSignal} max={60} />
      </span>
    );
  }
  if (run.wakeAt !== null && run.finishedAt === null) return <Wake at={run.wakeAt} />;
  return <Nothing />;
}

export function Tags({ tags }: { readonly tags: readonly string[] }) {
  if (tags.length === 0) return <Nothing />;
  return (
    <span class="row tight">
      {tags.map((tag) => (
        <span class="tag" key={tag}>
          <SafeText text={tag} max={40} />
        </span>
      ))}
    </span>
  );
}
