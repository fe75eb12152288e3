import { useState } from 'preact/hooks';
import type { Payload, PayloadAnswer } from '../../../api/dashboard-api.contract.js';
import { get, RequestError } from '../api/request.js';
import { toast } from '../state/toasts.js';
import { CopyButton } from './copy-button.js';
import { formatCount } from './format-text.js';
import { jsonTokens } from './json-tokens.js';
import { SafeText } from './safe-text.js';

/** A screenful; more only when somebody asks, so that a payload of a megabyte costs nothing until then. */
const FIRST_CHARACTERS = 3_000;
const MORE_CHARACTERS = 60_000;

interface PayloadViewProps {
  readonly payload: Payload;
  readonly runId: string | null;
  /** What it is, for those who listen: "input". */
  readonly name: string;
}

/** Somebody's data, as text and nothing else. */
export function PayloadView({ payload, runId, name }: PayloadViewProps) {
  if (payload.state === 'hidden') return <p class="muted">You may not see payloads here.</p>;
  if (payload.state === 'none') return <p class="muted">none</p>;
  return <ShownPayload payload={payload} runId={runId} name={name} key={`${payload.ref}:${payload.length}`} />;
}

function ShownPayload({ payload, runId, name }: PayloadViewProps & { readonly payload: Payload & { state: 'shown' } }) {
  const [whole, setWhole] = useState<PayloadAnswer>(payload);
  const [shown, setShown] = useState(FIRST_CHARACTERS);
  const [fetched, setFetched] = useState(false);
  const rest = whole.length - Math.min(shown, whole.text.length);
  const more = async (): Promise<void> => {
    setShown(shown + MORE_CHARACTERS);
    if (!whole.truncated || fetched || runId === null || shown + MORE_CHARACTERS < whole.text.length) return;
    setFetched(true);
    try {
      const path = `runs/${encodeURIComponent(runId)}/payload?of=${encodeURIComponent(payload.ref)}`;
      setWhole(await get<PayloadAnswer>(path));
    } catch (error) {
      toast('bad', error instanceof RequestError ? error.message : String(error));
    }
  };
  const canShowMore = shown < whole.text.length || (whole.truncated && !fetched && runId !== null);
  return (
    <div class="stack tight">
      <pre class="payload" tabIndex={0} role="group" aria-label={name}>
        <JsonText text={whole.text.slice(0, shown)} />
      </pre>
      <div class="row">
        {canShowMore && (
          <button type="button" class="button mini" onClick={() => void more()}>
            Show more
          </button>
        )}
        {rest > 0 && <span class="muted small">{formatCount(rest)} more characters</span>}
        <CopyButton text={whole.text} what={name} />
      </div>
    </div>
  );
}

function JsonText({ text }: { readonly text: string }) {
  return (
    <>
      {jsonTokens(text).map((token, index) =>
        token.kind === 'plain' ? (
          token.text
        ) : (
          <span class={token.kind} key={index}>
            <SafeText text={token.text} />
          </span>
        ),
      )}
    </>
  );
}
