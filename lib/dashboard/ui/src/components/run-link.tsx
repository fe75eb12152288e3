import { Link } from 'wouter-preact';
import type { RunRow } from '../../../api/dashboard-api.contract.js';
import { runPath } from '../app/routes.js';
import { shortId } from './format-text.js';
import { SafeText } from './safe-text.js';

/** A run by what people call it: its key where it has one, else its id. */
export function RunLink({ run }: { readonly run: RunRow }) {
  return (
    <Link href={runPath(run.id)} class="run-link" title={run.id}>
      {run.idempotencyKey === null ? <code>{shortId(run.id)}</code> : <SafeText text={run.idempotencyKey} max={60} />}
    </Link>
  );
}

/** Its workflow and version, as one word: `order v2`. */
export function WorkflowName({ name, version }: { readonly name: string; readonly version: number | null }) {
  return (
    <span class="workflow-name">
      <SafeText text={name} />
      {version !== null && <span class="muted"> v{version}</span>}
    </span>
  );
}
