import type { PlanJson } from '../../../../definition/plan-json.js';
import { SafeText } from '../components/safe-text.js';
import { planUnit } from './plan-unit.js';

/** What the plan says of one box. */
export function PlanNodeTable({ plan, id }: { readonly plan: Pick<PlanJson, 'nodes'>; readonly id: string }) {
  const facts = planUnit(plan, id);
  return (
    <div class="stack tight">
      <h3>
        <SafeText text={id} />
      </h3>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <>
            <dt key={name}>{name}</dt>
            <dd>
              <SafeText text={value} />
            </dd>
          </>
        ))}
      </dl>
    </div>
  );
}
