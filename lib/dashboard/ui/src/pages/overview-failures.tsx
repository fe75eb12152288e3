import { Link } from 'wouter-preact';
import type { OverviewAnswer } from '../../../api/dashboard-api.contract.js';
import { formatCount } from '../components/format-text.js';
import { formatDuration } from '../components/format-time.js';
import { Icon } from '../components/icon.js';
import { Empty } from '../components/placeholders.js';
import { RunLink, WorkflowName } from '../components/run-link.js';
import { SafeText } from '../components/safe-text.js';
import { Ago } from '../components/times.js';
import { runsPath } from '../state/run-filter.js';

/** As much of a message as tells it from others; the filter finds texts that contain it. */
const ERROR_SHOWN = 140;

export function OldestDue({ overview }: { readonly overview: OverviewAnswer }) {
  const { oldestDue } = overview;
  if (oldestDue === null) return <p class="muted small">No run is due that nobody has taken.</p>;
  const late = oldestDue.lateMs > 10_000;
  return (
    <div class="notice" data-tone={late ? 'failed' : 'pending'}>
      <Icon name={late ? 'warning' : 'pending'} />
      <div>
        Oldest due: <RunLink run={oldestDue.run} /> of{' '}
        <WorkflowName name={oldestDue.run.workflowName} version={oldestDue.run.version} />, for{' '}
        {formatDuration(oldestDue.lateMs)}
      </div>
    </div>
  );
}

/** What fails most, each group with a way to all runs of it. */
export function FailureGroups({ overview }: { readonly overview: OverviewAnswer }) {
  const { failureGroups: groups, window } = overview;
  if (groups.length === 0) return <Empty title={`No failures in the last ${window}`} />;
  return (
    <ul class="list">
      {groups.map((group) => (
        <li key={`${group.workflowName} ${group.error}`} class="list-row">
          <span class="list-main">
            <Link
              href={runsPath({
                status: ['failed', 'compensation_failed'],
                workflow: group.workflowName,
                error: group.error.slice(0, ERROR_SHOWN),
              })}
            >
              <SafeText text={group.error} max={ERROR_SHOWN} />
            </Link>
            <span class="muted small">
              <WorkflowName name={group.workflowName} version={null} />
            </span>
          </span>
          <span class="badge" data-tone="failed">
            <Icon name="failed" />
            {formatCount(group.count)}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function NewestFailures({ overview }: { readonly overview: OverviewAnswer }) {
  if (overview.failures.length === 0) return null;
  return (
    <>
      <h3 class="list-head">Newest</h3>
      <ul class="list">
        {overview.failures.slice(0, 6).map((run) => (
          <li key={run.id} class="list-row">
            <span class="list-main">
              <RunLink run={run} />
              <span class="muted small">
                <WorkflowName name={run.workflowName} version={run.version} />
                {run.error?.step !== undefined && <> at {run.error.step}</>}
              </span>
            </span>
            <span class="muted small">
              <Ago at={run.finishedAt ?? run.updatedAt} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
