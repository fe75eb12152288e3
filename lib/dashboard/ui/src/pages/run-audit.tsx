import type { OperationView, RunAnswer } from '../../../api/dashboard-api.contract.js';
import { Card } from '../components/card.js';
import { PayloadView } from '../components/payload-view.js';
import { Empty } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';
import { At } from '../components/times.js';

/** Who ordered what, why, and what it changed. */
export function RunAudit({ answer }: { readonly answer: RunAnswer }) {
  return (
    <Card title="Orders" aside={<span class="muted small">the audit trail</span>} flush>
      {answer.operations.length === 0 ? (
        <Empty title="Nobody has given it an order" />
      ) : (
        <ol class="list">
          {answer.operations.map((operation) => (
            <Operation key={operation.id} operation={operation} runId={answer.run.id} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function Operation({ operation, runId }: { readonly operation: OperationView; readonly runId: string }) {
  const { action, by, reason, at, before, after } = operation;
  return (
    <li class="list-row stacked">
      <span class="row apart">
        <span>
          <strong>{action}</strong> by {by === null ? 'somebody' : <SafeText text={by} max={200} />}
          {reason !== null && (
            <>
              : <SafeText text={reason} max={1000} />
            </>
          )}
        </span>
        <span class="muted small">
          <At at={at} />
        </span>
      </span>
      {(before.state === 'shown' || after.state === 'shown') && (
        <details>
          <summary class="small">Before and after</summary>
          <div class="columns">
            <PayloadView payload={before} runId={runId} name="before" />
            <PayloadView payload={after} runId={runId} name="after" />
          </div>
        </details>
      )}
    </li>
  );
}
