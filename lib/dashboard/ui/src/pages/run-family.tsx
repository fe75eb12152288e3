import { Link } from 'wouter-preact';
import type { RunAnswer, RunRow } from '../../../api/dashboard-api.contract.js';
import { StatusBadge } from '../components/badges.js';
import { Card } from '../components/card.js';
import { countWords } from '../components/count-words.js';
import { Empty } from '../components/placeholders.js';
import { RunLink, WorkflowName } from '../components/run-link.js';
import { runsPath } from '../state/run-filter.js';

/** The run that started it, and those that it started. */
export function RunFamily({ answer }: { readonly answer: RunAnswer }) {
  const { parent, children, childCount, run } = answer;
  return (
    <Card
      title="Parent and children"
      aside={
        childCount.count > children.length && (
          <Link href={runsPath({ parent: run.id })}>all {countWords(childCount)} children</Link>
        )
      }
      flush
    >
      {parent === null && children.length === 0 ? (
        <Empty title="It stands alone" />
      ) : (
        <ul class="list">
          {parent !== null && <Relative says="parent" run={parent} />}
          {children.map((child) => (
            <Relative says="child" run={child} key={child.id} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Relative({ says, run }: { readonly says: string; readonly run: RunRow }) {
  return (
    <li class="list-row">
      <span class="muted small">{says}</span>
      <span class="list-main">
        <RunLink run={run} />
        <span class="muted small">
          <WorkflowName name={run.workflowName} version={run.version} />
        </span>
      </span>
      <StatusBadge status={run.status} />
    </li>
  );
}
