import { useEffect, useState } from 'preact/hooks';
import type { PreviewAnswer, WorkflowActionAnswer, WorkflowView } from '../../../api/dashboard-api.contract.js';
import { post, RequestError } from '../api/request.js';
import { Dialog } from '../components/dialog.js';
import { Icon } from '../components/icon.js';
import { Trouble } from '../components/placeholders.js';
import { REASON_LENGTH } from '../state/action-arguments.js';
import { toast } from '../state/toasts.js';
import { ActionPreview } from './action-preview.js';

type Order = 'pause' | 'unpause';

interface WorkflowOrdersProps {
  readonly workflow: WorkflowView;
  readonly version: number;
  readonly onDone: () => void;
}

/** Keeps the runs of a workflow still, or lets them go on. */
export function WorkflowOrders({ workflow, version, onDone }: WorkflowOrdersProps) {
  const [open, setOpen] = useState<Order | null>(null);
  const { allowed, pauses } = workflow;
  // What is not paused cannot be unpaused, neither as this version nor as all of them.
  const offered = (['pause', 'unpause'] as const).filter((order) => {
    return allowed.includes(order) && (order === 'pause' || pauses.length > 0);
  });
  return (
    <div class="row">
      {offered.map((order) => (
        <button type="button" class="button" key={order} onClick={() => setOpen(order)}>
          <Icon name={order === 'pause' ? 'paused' : 'running'} size={14} />
          {order === 'pause' ? 'Pause…' : 'Unpause…'}
        </button>
      ))}
      {open !== null && (
        <OrderDialog
          name={workflow.name}
          version={version}
          order={open}
          onClose={(done) => {
            setOpen(null);
            if (done) onDone();
          }}
        />
      )}
    </div>
  );
}

interface OrderDialogProps {
  readonly name: string;
  readonly version: number;
  readonly order: Order;
  readonly onClose: (done: boolean) => void;
}

function OrderDialog({ name, version, order, onClose }: OrderDialogProps) {
  const [every, setEvery] = useState(false);
  const [reason, setReason] = useState('');
  const [preview, setPreview] = useState<PreviewAnswer | null>(null);
  const [error, setError] = useState<RequestError | null>(null);
  const place = `workflows/${encodeURIComponent(name)}`;
  const body = { ...(!every && { version }), ...(reason.trim() !== '' && { reason: reason.trim() }) };
  const fail = (caught: unknown): void =>
    setError(caught instanceof RequestError ? caught : new RequestError(0, 'internal', String(caught)));

  useEffect(() => {
    const abort = new AbortController();
    setError(null);
    const asked = post<PreviewAnswer>(`${place}/preview/${order}`, every ? {} : { version }, abort.signal);
    asked.then(setPreview, (caught: unknown) => abort.signal.aborted || fail(caught));
    return () => abort.abort();
  }, [every]);
  const confirm = (event: Event): void => {
    event.preventDefault();
    post<WorkflowActionAnswer>(`${place}/actions/${order}`, body).then(({ accepted, summary }) => {
      toast(accepted ? 'done' : 'bad', summary);
      onClose(true);
    }, fail);
  };
  return (
    <Dialog title={order === 'pause' ? `Pause ${name}` : `Unpause ${name}`} onClose={() => onClose(false)}>
      <form class="stack" onSubmit={confirm}>
        <label class="check">
          <input type="checkbox" checked={every} onChange={(event) => setEvery(event.currentTarget.checked)} />
          Every version, not version {version} alone
        </label>
        <div class="field">
          <label for="workflow-reason">Reason, for the audit trail</label>
          <input
            id="workflow-reason"
            value={reason}
            maxLength={REASON_LENGTH}
            autocomplete="off"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </div>
        {preview !== null && <ActionPreview preview={preview} />}
        {error !== null && <Trouble error={error} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={() => onClose(false)}>
            Leave it
          </button>
          <button type="submit" class="button primary" disabled={preview?.possible !== true}>
            {order === 'pause' ? 'Pause' : 'Unpause'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
