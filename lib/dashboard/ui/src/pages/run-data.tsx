import type { RunAnswer } from '../../../api/dashboard-api.contract.js';
import { Card } from '../components/card.js';
import { PayloadView } from '../components/payload-view.js';
import { Ago } from '../components/times.js';

/** What it was started with, what came of it, and what running steps say of themselves. */
export function RunData({ answer }: { readonly answer: RunAnswer }) {
  const { run, progress } = answer;
  return (
    <>
      <Card title="Input">
        <PayloadView payload={run.input} runId={run.id} name="input" />
      </Card>
      {run.result.state !== 'none' && (
        <Card title="Result">
          <PayloadView payload={run.result} runId={run.id} name="result" />
        </Card>
      )}
      {progress.length > 0 && (
        <Card title="Progress">
          <div class="stack">
            {progress.map(({ key, at, value }) => (
              <div class="stack tight" key={key}>
                <span class="small">
                  <strong>{key}</strong>{' '}
                  <span class="muted">
                    <Ago at={at} />
                  </span>
                </span>
                <PayloadView payload={value} runId={run.id} name={`progress of ${key}`} />
              </div>
            ))}
          </div>
        </Card>
      )}
    </>
  );
}
