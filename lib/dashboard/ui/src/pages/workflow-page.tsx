import { useMemo, useState } from 'preact/hooks';
import { Link, Redirect, useSearch } from 'wouter-preact';
import type { WorkflowAnswer, WorkflowsAnswer } from '../../../api/dashboard-api.contract.js';
import { useResource } from '../api/resource.js';
import { useRefresh } from '../api/use-refresh.js';
import { PageHead } from '../app/page-head.js';
import { workflowPath } from '../app/routes.js';
import { Card } from '../components/card.js';
import { formatCount, plural, visibleText } from '../components/format-text.js';
import { Empty, Loading, Trouble } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';
import type { NodeLook } from '../graph/node-look.js';
import { PlanGraph } from '../graph/plan-graph.js';
import { PlanNodeTable } from '../graph/plan-node-table.js';
import { useDatabaseTime } from '../state/clock.js';
import { runsPath } from '../state/run-filter.js';
import { PlanChooser } from './workflow-plans.js';
import { WorkflowOrders } from './workflow-orders.js';
import { Pauses } from './workflows-page.js';

/** `/workflows/order`: the newest version of it. */
export function NewestWorkflowPage({ name }: { readonly name: string }) {
  const { data, error, reload } = useResource<WorkflowsAnswer>('workflows');
  const newest = data?.workflows.find((each) => each.name === name)?.plans[0];
  if (newest !== undefined) return <Redirect href={workflowPath(name, newest.version)} replace />;
  return (
    <>
      <PageHead title={name} />
      {error !== null && <Trouble error={error} retry={reload} />}
      {data === null ? <Loading what="the workflow" /> : <Empty title={`There is no workflow "${name}"`} />}
    </>
  );
}

/** One plan as a graph, with the runs in flight at its nodes. */
export function WorkflowPage({ name, version }: { readonly name: string; readonly version: string }) {
  const hash = new URLSearchParams(useSearch()).get('hash');
  const path = `workflows/${encodeURIComponent(name)}/${encodeURIComponent(version)}`;
  const { data, error, reload } = useResource<WorkflowAnswer>(
    hash === null ? path : `${path}?hash=${encodeURIComponent(hash)}`,
  );
  useDatabaseTime(data);
  useRefresh(reload);
  if (data === null) {
    return (
      <>
        <PageHead title={`${name} v${version}`} />
        {error === null ? <Loading what="the plan" /> : <Trouble error={error} retry={reload} />}
      </>
    );
  }
  const { workflow, plan } = data;
  return (
    <>
      <PageHead title={`${name} version ${version}`}>
        <WorkflowOrders workflow={workflow} version={plan.version} onDone={reload} />
      </PageHead>
      <div class="stack">
        <div class="row">
          <Pauses workflow={workflow} />
        </div>
        <PlanChooser workflow={workflow} shown={plan} />
        <div class="run-grid">
          <PlanCard answer={data} />
          <PlacesCard answer={data} />
        </div>
      </div>
    </>
  );
}

function PlanCard({ answer }: { readonly answer: WorkflowAnswer }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const { places } = answer;
  // The same plan stays the same drawing, however often the runs at its nodes are counted.
  const plan = useMemo(() => answer.plan, [answer.plan.hash, answer.plan.version]);
  const looks = useMemo(() => new Map(places.map((place) => [place.node, place])), [places]);
  const look = (id: string): NodeLook => {
    const place = looks.get(id);
    if (place === undefined || place.runs === 0) return { tone: 'none', says: 'no run is here', icon: null };
    const says = plural(place.runs, 'run is here', 'runs are here');
    return { tone: place.stopped > 0 ? 'failed' : 'running', says, icon: null, mark: formatCount(place.runs) };
  };
  return (
    <Card title="Plan" aside={<code class="muted">{plan.hash.slice(0, 12)}</code>} flush>
      <PlanGraph
        plan={plan}
        label={`Plan of ${plan.name} version ${plan.version}`}
        look={look}
        selected={chosen}
        onSelect={(id) => setChosen(id === chosen ? null : id)}
      />
      {chosen !== null && (
        <section class="run-node" aria-live="polite" aria-label={`Node ${visibleText(chosen)}`}>
          <PlanNodeTable plan={plan} id={chosen} />
        </section>
      )}
    </Card>
  );
}

function PlacesCard({ answer }: { readonly answer: WorkflowAnswer }) {
  const { plan, places } = answer;
  const taken = places.filter(({ runs }) => runs > 0);
  const most = Math.max(1, ...taken.map(({ runs }) => runs));
  return (
    <Card
      title="In flight, by node"
      aside={
        <Link href={runsPath({ workflow: plan.name, version: plan.version })} class="small">
          its runs
        </Link>
      }
    >
      {taken.length === 0 ? (
        <Empty title="No run of this plan is in flight" />
      ) : (
        <ul class="bars">
          {taken.map((place) => (
            <li class="bar" key={place.index} data-tone={place.stopped > 0 ? 'failed' : 'running'}>
              <SafeText text={place.node ?? 'behind the last node'} />
              <span class="number">
                {formatCount(place.runs)}
                {place.stopped > 0 && `, ${formatCount(place.stopped)} stopped: the plan changed`}
              </span>
              <span class="track">
                <span class="fill" style={{ width: `${(100 * place.runs) / most}%` }} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
