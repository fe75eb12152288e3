import { useId, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import type { PlanView, WorkflowView } from '../../../api/dashboard-api.contract.js';
import { comparePath, workflowPath } from '../app/routes.js';
import { formatCount } from '../components/format-text.js';
import { planRef } from './workflows-page.js';

interface PlanChooserProps {
  readonly workflow: WorkflowView;
  readonly shown: { readonly version: number; readonly hash: string };
}

/** Its plans, and a way to lay two of them side by side. */
export function PlanChooser({ workflow, shown }: PlanChooserProps) {
  const others = workflow.plans.filter(({ hash, version }) => hash !== shown.hash || version !== shown.version);
  return (
    <div class="row apart">
      <ul class="chips" aria-label="Plans">
        {workflow.plans.map((plan) => (
          <li key={planRef(plan)}>
            <Link
              class="chip plan-chip"
              href={workflowPath(workflow.name, plan.version, plan.hash)}
              aria-current={planRef(plan) === planRef(shown) ? 'true' : undefined}
            >
              v{plan.version} <code>{plan.hash.slice(0, 6)}</code>
              {plan.inFlight > 0 && <span class="chip-count">{formatCount(plan.inFlight)}</span>}
            </Link>
          </li>
        ))}
      </ul>
      {others.length > 0 && <CompareForm name={workflow.name} shown={shown} others={others} />}
    </div>
  );
}

interface CompareFormProps {
  readonly name: string;
  readonly shown: { readonly version: number; readonly hash: string };
  readonly others: readonly PlanView[];
}

function CompareForm({ name, shown, others }: CompareFormProps) {
  const id = useId();
  const [, navigate] = useLocation();
  const [other, setOther] = useState(planRef(others[0]));
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        navigate(comparePath(name, other, planRef(shown)));
      }}
    >
      <label class="small" for={id}>
        Compare with
      </label>
      <span class="field">
        <select id={id} value={other} onChange={(event) => setOther(event.currentTarget.value)}>
          {others.map((plan) => (
            <option key={planRef(plan)} value={planRef(plan)}>
              v{plan.version} ({plan.hash.slice(0, 6)})
            </option>
          ))}
        </select>
      </span>
      <button type="submit" class="button">
        Compare
      </button>
    </form>
  );
}
