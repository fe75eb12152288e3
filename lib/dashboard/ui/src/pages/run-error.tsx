import type { ErrorView } from '../../../api/dashboard-api.contract.js';
import { Card } from '../components/card.js';
import { SafeText } from '../components/safe-text.js';

/** Why it gave up: the error, its stack, and what caused it. */
export function RunError({ error }: { readonly error: ErrorView }) {
  return (
    <Card title="Error" aside={error.step === undefined ? null : <span class="tag">{error.step}</span>}>
      <ErrorText error={error} />
    </Card>
  );
}

export function ErrorText({ error, depth = 0 }: { readonly error: ErrorView; readonly depth?: number }) {
  return (
    <div class="stack tight">
      <p class="error-says">
        <strong>
          <SafeText text={error.name} max={120} />
        </strong>
        {error.code !== undefined && <code class="muted"> {error.code.slice(0, 120)}</code>}
        <br />
        <SafeText text={error.message} max={4000} />
      </p>
      {error.stack !== undefined && (
        <details>
          <summary class="small">Stack</summary>
          <pre class="payload" tabIndex={0} role="group" aria-label="Stack">
            <SafeText text={error.stack} max={20_000} />
          </pre>
        </details>
      )}
      {error.cause !== undefined && depth < 8 && (
        <div class="cause">
          <span class="muted small">caused by</span>
          <ErrorText error={error.cause} depth={depth + 1} />
        </div>
      )}
    </div>
  );
}
