import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { BulkAnswer, BulkBody } from '../../../api/dashboard-api.contract.js';
import { post, RequestError } from '../api/request.js';
import { runPath } from '../app/routes.js';
import { StatusBadge } from '../components/badges.js';
import { formatCount } from '../components/format-text.js';
import { Trouble } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';

type Result = BulkAnswer['results'][number];

/** More results than this are counted, not listed; those that were refused are listed first. */
const MOST_LISTED = 500;

/** Carries the order out, a batch at a time, and says what became of each run. */
export function BulkProgress({ body, onClose }: { readonly body: BulkBody; readonly onClose: () => void }) {
  const [results, setResults] = useState<readonly Result[]>([]);
  const [over, setOver] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    carryOut(body, abort.signal, (batch) => setResults((old) => [...old, ...batch]))
      .catch((caught: unknown) => {
        if (abort.signal.aborted) return;
        setError(caught instanceof RequestError ? caught : new RequestError(0, 'internal', String(caught)));
      })
      .finally(() => setOver(true));
    return () => abort.abort();
  }, []);

  const accepted = results.filter((each) => each.accepted).length;
  const refused = results.length - accepted;
  const listed = [...results].sort((a, b) => Number(a.accepted) - Number(b.accepted)).slice(0, MOST_LISTED);
  return (
    <div class="stack">
      <progress
        max={Math.max(1, body.confirmed)}
        value={over && error === null ? body.confirmed : results.length}
        aria-label="Progress"
      />
      <p role="status">
        <strong>{formatCount(accepted)} accepted</strong>, {formatCount(refused)} refused
        {over ? '.' : ` of ${formatCount(body.confirmed)} so far…`}
      </p>
      {error !== null && <Trouble error={error} />}
      <ul class="bulk-results" aria-label="Result of each run" tabIndex={0}>
        {listed.map((result) => (
          <li key={result.runId} data-accepted={String(result.accepted)}>
            <Link href={runPath(result.runId)}>
              <code>{result.runId}</code>
            </Link>
            {result.status !== null && <StatusBadge status={result.status} />}
            <span class={result.accepted ? 'muted small' : 'wrong'}>
              <SafeText text={result.message ?? (result.accepted ? 'accepted' : 'refused')} max={300} />
            </span>
          </li>
        ))}
      </ul>
      <div class="dialog-foot">
        <button type="button" class="button primary" disabled={!over} onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  );
}

async function carryOut(body: BulkBody, signal: AbortSignal, took: (batch: readonly Result[]) => void): Promise<void> {
  let after: string | undefined;
  do {
    const answer = await post<BulkAnswer>('bulk', { ...body, ...(after !== undefined && { after }) }, signal);
    took(answer.results);
    after = answer.next ?? undefined;
  } while (after !== undefined);
}
