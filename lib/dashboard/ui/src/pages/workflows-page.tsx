import { Link } from 'wouter-preact';
import type { PlanView, WorkflowsAnswer, WorkflowView } from '../../../api/dashboard-api.contract.js';
import { useResource } from '../api/resource.js';
import { PageHead } from '../app/page-head.js';
import { comparePath, workflowPath } from '../app/routes.js';
import { Card } from '../components/card.js';
import { formatCount } from '../components/format-text.js';
import { Icon } from '../components/icon.js';
import { Empty, Loading, Trouble } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';
import { Ago } from '../components/times.js';
import { useDatabaseTime } from '../state/clock.js';
import { runsPath } from '../state/run-filter.js';

/** Every workflow with the plans that it has, or had. */
export function WorkflowsPage() {
  const { data, error, reload } = useResource<WorkflowsAnswer>('workflows');
  useDatabaseTime(data);
  return (
    <>
      <PageHead title="Workflows" />
      {error !== null && <Trouble error={error} retry={reload} />}
      {data === null && error === null && <Loading what="workflows" />}
      {data?.workflows.length === 0 && <Empty title="No workflow is registered">They come with the application.</Empty>}
      <div class="stack">
        {data?.workflows.map((workflow) => (
          <WorkflowCard key={workflow.name} workflow={workflow} />
        ))}
      </div>
    </>
  );
}

function WorkflowCard({ workflow }: { readonly workflow: WorkflowView }) {
  const { name, plans } = workflow;
  const [newest, former] = plans;
  return (
    <Card
      title={name}
      aside={
        <span class="row">
          <Pauses workflow={workflow} />
          {former !== undefined && (
            <Link class="button mini" href={comparePath(name, planRef(former), planRef(newest))}>
              Compare the newest two
            </Link>
          )}
        </span>
      }
      flush
    >
      <div class="scroll" role="region" aria-label={`Plans of ${name}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>Version</th>
              <th class="number">Nodes</th>
              <th class="number">In flight</th>
              <th class="number">Stopped</th>
              <th class="number">Workers</th>
              <th>Registered</th>
            </tr>
          </thead>
          <tbody>
            {plans.map((plan) => (
              <PlanRow key={`${plan.version} ${plan.hash}`} name={name} plan={plan} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function PlanRow({ name, plan }: { readonly name: string; readonly plan: PlanView }) {
  return (
    <tr>
      <td class="nowrap">
        <Link href={workflowPath(name, plan.version, plan.hash)}>version {plan.version}</Link>{' '}
        <code class="muted">{plan.hash.slice(0, 8)}</code>
      </td>
      <td class="number">{plan.nodes}</td>
      <td class="number">
        {plan.inFlight === 0 ? (
          '0'
        ) : (
          <Link
            href={runsPath({
              workflow: name,
              version: plan.version,
              status: ['pending', 'running', 'suspended', 'compensating'],
            })}
          >
            {formatCount(plan.inFlight)}
          </Link>
        )}
      </td>
      <td class="number">
        {plan.stopped === 0 ? (
          '0'
        ) : (
          <span class="badge" data-tone="failed">
            <Icon name="warning" />
            {formatCount(plan.stopped)}
          </span>
        )}
      </td>
      <td class="number">{plan.workers}</td>
      <td>
        <Ago at={plan.registeredAt} />
        {plan.registeredHere && <span class="muted small">, by this process too</span>}
      </td>
    </tr>
  );
}

/** That its runs are kept still, and by whom. */
export function Pauses({ workflow }: { readonly workflow: WorkflowView }) {
  return (
    <>
      {workflow.pauses.map((pause) => (
        <span class="badge wraps" data-tone="pending" key={String(pause.version)}>
          <Icon name="paused" />
          {pause.version === null ? 'every version' : `version ${pause.version}`} paused
          {pause.by !== null && (
            <>
              {' '}
              by <SafeText text={pause.by} max={40} />
            </>
          )}
        </span>
      ))}
    </>
  );
}

/** How a plan is named in an address. */
export function planRef({ version, hash }: Pick<PlanView, 'version' | 'hash'>): string {
  return `${version}:${hash}`;
}
