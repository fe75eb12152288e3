import { Link } from 'wouter-preact';
import type { RunAnswer } from '../../../api/dashboard-api.contract.js';
import { PageHead } from '../app/page-head.js';
import { workflowPath } from '../app/routes.js';
import { StatusBadge } from '../components/badges.js';
import { CopyButton } from '../components/copy-button.js';
import { shortId } from '../components/format-text.js';
import { Icon } from '../components/icon.js';
import { WorkflowName } from '../components/run-link.js';
import { SafeText } from '../components/safe-text.js';
import { STATUS_ICONS } from '../components/status.js';
import { Ago, At, Lasted } from '../components/times.js';
import { now } from '../state/clock.js';
import { explainText } from '../state/explain-text.js';
import { Tags } from './runs-cells.js';

/** What it is, and in one sentence why it is where it is. */
export function RunHead({ answer }: { readonly answer: RunAnswer }) {
  const { run, explanation } = answer;
  const name = run.idempotencyKey ?? shortId(run.id);
  return (
    <div class="stack">
      <PageHead
        title={`${run.workflowName} ${name}`}
        live
        heading={
          <span class="row">
            <SafeText text={name} max={80} />
            <StatusBadge status={run.status} paused={run.pausedAt !== null} />
          </span>
        }
      >
        <Link href={workflowPath(run.workflowName, run.version, run.planHash)}>
          <WorkflowName name={run.workflowName} version={run.version} />
        </Link>
      </PageHead>
      <section
        class="explain"
        data-tone={run.pausedAt === null ? run.status : 'pending'}
        aria-label="Why it is where it is"
      >
        <Icon name={run.pausedAt === null ? STATUS_ICONS[run.status] : 'paused'} size={20} />
        <div>
          <p class="explain-says">
            <SafeText text={explainText(explanation)} max={500} />
          </p>
          <p>
            <SafeText text={explanation.next} max={500} />
          </p>
        </div>
      </section>
      <RunFacts answer={answer} />
    </div>
  );
}

function RunFacts({ answer }: { readonly answer: RunAnswer }) {
  const { run } = answer;
  return (
    <dl class="fact-strip">
      <Fact name="Run">
        <code>{run.id}</code> <CopyButton text={run.id} what="the run's id" />
      </Fact>
      {run.idempotencyKey !== null && (
        <Fact name="Key">
          <SafeText text={run.idempotencyKey} max={120} />
        </Fact>
      )}
      {run.tags.length > 0 && (
        <Fact name="Tags">
          <Tags tags={run.tags} />
        </Fact>
      )}
      <Fact name="Created">
        <At at={run.createdAt} />
      </Fact>
      <Fact name={run.finishedAt === null ? 'Age' : 'Lasted'}>
        <Lasted from={run.createdAt} to={run.finishedAt} />
      </Fact>
      {run.wakeAt !== null && run.finishedAt === null && (
        <Fact name={Date.parse(run.wakeAt) > now.value ? 'Goes on' : 'Due'}>
          <Ago at={run.wakeAt} />
        </Fact>
      )}
      {run.deadlineAt !== null && (
        <Fact name="Deadline">
          <Ago at={run.deadlineAt} />
        </Fact>
      )}
      <Fact name="Queue">
        <SafeText text={run.queue} />
        {run.priority !== 0 && <span class="muted"> priority {run.priority}</span>}
      </Fact>
      {run.workerId !== null && (
        <Fact name="Worker">
          <code title={run.workerId}>{shortId(run.workerId)}</code>
        </Fact>
      )}
      <Fact name="Claims">{run.epoch}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
