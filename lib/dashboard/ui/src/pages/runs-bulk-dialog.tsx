import { useState } from 'preact/hooks';
import type {
  BulkAction,
  BulkPreviewAnswer,
  BulkPreviewBody,
  RunFilterBody,
} from '../../../api/dashboard-api.contract.js';
import { post, RequestError } from '../api/request.js';
import { Dialog } from '../components/dialog.js';
import { StatusBadge } from '../components/badges.js';
import { countWords } from '../components/count-words.js';
import { formatCount, plural } from '../components/format-text.js';
import { Trouble } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';
import { argumentsBody, emptyArguments, type ActionArguments } from '../state/action-arguments.js';
import { ActionFields } from './action-fields.js';
import { BulkProgress } from './runs-bulk-progress.js';

/** Either all that match a filter, or these. */
export type BulkTarget = { readonly filter: RunFilterBody } | { readonly runIds: readonly string[] };

interface BulkDialogProps {
  readonly action: BulkAction;
  readonly target: BulkTarget;
  readonly onClose: (done: boolean) => void;
}

/**
 * An order to many runs: first its arguments, then what it would do and to how many, which has to be confirmed by that
 * number, then a result for each run.
 */
export function BulkDialog({ action, target, onClose }: BulkDialogProps) {
  const [args, setArgs] = useState<ActionArguments>(emptyArguments());
  const [preview, setPreview] = useState<BulkPreviewAnswer | null>(null);
  const [confirmed, setConfirmed] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);
  const title = `${named(action)} runs`;
  const parsed = argumentsBody(action, args);
  const body: BulkPreviewBody = { action, ...target, args: parsed.body ?? {} };

  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    setError(null);
    try {
      setPreview(await post<BulkPreviewAnswer>('bulk/preview', body));
    } catch (caught) {
      setError(caught instanceof RequestError ? caught : new RequestError(0, 'internal', String(caught)));
    }
  };
  return (
    <Dialog title={title} onClose={() => onClose(confirmed)}>
      {preview === null ? (
        <form class="stack" onSubmit={(event) => void ask(event)}>
          <ActionFields action={action} args={args} onChange={setArgs} many />
          {error !== null && <Trouble error={error} />}
          <div class="dialog-foot">
            <button type="submit" class="button primary" disabled={parsed.body === null}>
              Say what it will do
            </button>
          </div>
        </form>
      ) : confirmed ? (
        <BulkProgress body={{ ...body, confirmed: preview.count, upTo: preview.upTo }} onClose={() => onClose(true)} />
      ) : (
        <BulkConfirm
          action={action}
          preview={preview}
          onBack={() => setPreview(null)}
          onConfirm={() => setConfirmed(true)}
        />
      )}
    </Dialog>
  );
}

interface BulkConfirmProps {
  readonly action: BulkAction;
  readonly preview: BulkPreviewAnswer;
  readonly onBack: () => void;
  readonly onConfirm: () => void;
}

function BulkConfirm({ action, preview, onBack, onConfirm }: BulkConfirmProps) {
  const [typed, setTyped] = useState('');
  const { count, capped, statuses, eligible, summary, sample } = preview;
  const right = typed.replace(/[,\s]/g, '') === String(count);
  return (
    <form class="stack" onSubmit={(event) => (event.preventDefault(), right && !capped && count > 0 && onConfirm())}>
      <p>{summary}</p>
      <ul class="row" aria-label="By status">
        {statuses.map((each) => (
          <li key={each.status} class="row">
            <StatusBadge status={each.status} /> {formatCount(each.count)}
          </li>
        ))}
      </ul>
      {eligible < count && (
        <p class="muted">
          {plural(eligible, 'run')} of {countWords(preview)} can take the order as they are now; the others will say why
          not.
        </p>
      )}
      {sample.length > 0 && (
        <p class="small muted">
          Among them: <SafeText text={namesOf(sample)} max={400} />
        </p>
      )}
      {capped ? (
        <p class="wrong">These are too many for one order: narrow the filter.</p>
      ) : (
        <div class="field">
          <label for="bulk-count">
            Type <strong>{count}</strong> to confirm
          </label>
          <input
            id="bulk-count"
            inputMode="numeric"
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
      )}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onBack}>
          Back
        </button>
        <button
          type="submit"
          class={`button ${dangerous(action) ? 'danger' : 'primary'}`}
          disabled={!right || capped || count === 0}
        >
          {named(action)} {plural(count, 'run')}
        </button>
      </div>
    </form>
  );
}

/** The first of them, by what people call them. */
function namesOf(sample: BulkPreviewAnswer['sample']): string {
  return sample
    .slice(0, 5)
    .map((run) => run.idempotencyKey ?? run.id)
    .join(', ');
}

/** `Cancel`: actions that many runs can take are one word each. */
function named(action: BulkAction): string {
  return `${action[0].toUpperCase()}${action.slice(1)}`;
}

function dangerous(action: BulkAction): boolean {
  return action === 'cancel' || action === 'terminate';
}
