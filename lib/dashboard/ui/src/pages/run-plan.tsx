import { useMemo, useState } from 'preact/hooks';
import type { NodeState, NodeView, RunAnswer } from '../../../api/dashboard-api.contract.js';
import { Card } from '../components/card.js';
import { Icon } from '../components/icon.js';
import { Empty } from '../components/placeholders.js';
import { STATE_ICONS, stateWord } from '../components/status.js';
import type { NodeLook } from '../graph/node-look.js';
import { PlanGraph } from '../graph/plan-graph.js';
import { runLooks } from '../graph/run-looks.js';
import type { OpenAction } from './run-actions.js';
import { RunNode } from './run-node.js';

const LEGEND: readonly NodeState[] = ['done', 'running', 'waiting', 'failed', 'undone', 'skipped', 'not_reached'];

interface RunPlanProps {
  readonly answer: RunAnswer;
  readonly onAction: (open: OpenAction) => void;
}

/** The plan with the run laid over it; a box that is chosen says more. */
export function RunPlan({ answer, onAction }: RunPlanProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const { plan, nodes, run } = answer;
  const looks = useMemo(() => runLooks(nodes), [nodes]);
  const stable = useMemo(() => plan, [run.planHash]);
  const node = chosen === null ? undefined : nodes.find(({ name }) => name === chosen.split('.')[0]);
  return (
    <Card title="Plan" aside={<span class="muted small">{progress(nodes)}</span>} flush>
      {stable === null ? (
        <Empty title="The plan of this run is not stored" />
      ) : (
        <PlanGraph
          plan={stable}
          label="Plan of the run"
          look={(id): NodeLook | null => looks.get(id) ?? null}
          selected={chosen}
          onSelect={(id) => setChosen(id === chosen ? null : id)}
        />
      )}
      <ul class="legend padded" aria-label="Legend of the plan">
        {LEGEND.map((state) => (
          <li key={state} data-tone={state}>
            <Icon name={STATE_ICONS[state]} size={13} />
            {stateWord(state)}
          </li>
        ))}
        <li>
          <Icon name="undo" size={11} />
          beside a name: can be undone
        </li>
      </ul>
      {node !== undefined && <RunNode answer={answer} node={node} unit={chosen!} onAction={onAction} />}
    </Card>
  );
}

function progress(nodes: readonly NodeView[]): string {
  const done = nodes.filter(({ state }) => state === 'done' || state === 'skipped').length;
  return `${done} of ${nodes.length} done`;
}
