import { useEffect, useMemo, useState } from 'preact/hooks';
import type {
  ActionAnswer,
  ActionBody,
  ActionView,
  PreviewAnswer,
  RunAction,
} from '../../../api/dashboard-api.contract.js';
import { post, RequestError } from '../api/request.js';
import { Dialog } from '../components/dialog.js';
import { Icon } from '../components/icon.js';
import { Trouble } from '../components/placeholders.js';
import { argumentsBody, emptyArguments, type ActionArguments } from '../state/action-arguments.js';
import { toast } from '../state/toasts.js';
import { ActionFields } from './action-fields.js';
import { ActionPreview } from './action-preview.js';
import { ACTION_NAMES, isDangerous } from './action-names.js';

interface ActionDialogProps {
  readonly runId: string;
  readonly view: ActionView;
  readonly known?: Partial<ActionArguments>;
  readonly onClose: (changed: boolean) => void;
}

/** Typing does not ask the server at every key. */
const ASK_AFTER_MS = 250;

/** An order to one run. What it would do stands there, and is up to date, before it can be given. */
export function ActionDialog({ runId, view, known, onClose }: ActionDialogProps) {
  const { action } = view;
  const [args, setArgs] = useState<ActionArguments>(() => emptyArguments({ ...defaultsOf(view), ...known }));
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<RequestError | null>(null);
  const parsed = useMemo(() => argumentsBody(action, args), [action, args]);
  const { preview, error } = usePreview(runId, action, parsed.body);

  const confirm = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (parsed.body === null || preview === null) return;
    setSending(true);
    setRefused(null);
    try {
      const path = `runs/${encodeURIComponent(runId)}/actions/${action}`;
      const answer = await post<ActionAnswer>(path, { ...parsed.body, fingerprint: preview.fingerprint });
      toast(answer.accepted ? 'done' : 'bad', answer.summary);
      onClose(true);
    } catch (caught) {
      setRefused(asRequestError(caught));
      setSending(false);
    }
  };
  const ready = parsed.body !== null && preview?.possible === true && !sending;
  return (
    <Dialog title={ACTION_NAMES[action]} onClose={() => onClose(false)}>
      <form class="stack" onSubmit={(event) => void confirm(event)}>
        <ActionFields action={action} args={args} onChange={setArgs} view={view} />
        {error !== null && <Trouble error={error} />}
        {preview !== null && <ActionPreview preview={preview} />}
        {refused !== null && <Trouble error={refused} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={() => onClose(false)}>
            Leave it
          </button>
          <button type="submit" class={`button ${isDangerous(action) ? 'danger' : 'primary'}`} disabled={!ready}>
            {isDangerous(action) && <Icon name="warning" />}
            {ACTION_NAMES[action]}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function defaultsOf(view: ActionView): Partial<ActionArguments> {
  switch (view.action) {
    case 'signal':
      return { name: view.signals?.[0] ?? '' };
    case 'skip':
      return { node: view.nodes?.[0] ?? '' };
    case 'migrate':
      return { to: view.versions?.[0] === undefined ? '' : String(view.versions[0]) };
    default:
      return {};
  }
}

function usePreview(runId: string, action: RunAction, body: ActionBody | null) {
  const [state, setState] = useState<{ preview: PreviewAnswer | null; error: RequestError | null }>({
    preview: null,
    error: null,
  });
  const text = body === null ? null : JSON.stringify(body);
  useEffect(() => {
    if (text === null) return setState({ preview: null, error: null });
    const abort = new AbortController();
    const path = `runs/${encodeURIComponent(runId)}/preview/${action}`;
    const timer = setTimeout(() => {
      post<PreviewAnswer>(path, JSON.parse(text), abort.signal).then(
        (preview) => setState({ preview, error: null }),
        (caught: unknown) => abort.signal.aborted || setState({ preview: null, error: asRequestError(caught) }),
      );
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [runId, action, text]);
  return state;
}

function asRequestError(caught: unknown): RequestError {
  return caught instanceof RequestError ? caught : new RequestError(0, 'internal', String(caught));
}
