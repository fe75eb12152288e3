import { useId } from 'preact/hooks';
import type { ActionView, RunAction } from '../../../api/dashboard-api.contract.js';
import { visibleText } from '../components/format-text.js';
import { argumentsBody, REASON_LENGTH, type ActionArguments } from '../state/action-arguments.js';

interface ActionFieldsProps {
  readonly action: RunAction;
  readonly args: ActionArguments;
  readonly onChange: (args: ActionArguments) => void;
  /** What the server offers to choose from, for one run. */
  readonly view?: ActionView;
  /** The order goes to many runs. */
  readonly many?: boolean;
}

/** The fields of an order, by what it takes. */
export function ActionFields({ action, args, onChange, view, many = false }: ActionFieldsProps) {
  const { wrong } = argumentsBody(action, args);
  const write = (change: Partial<ActionArguments>): void => onChange({ ...args, ...change });
  const shared = { args, write };
  return (
    <>
      {action === 'signal' && <NameField {...shared} names={view?.signals ?? []} />}
      {action === 'retry' && !many && <FromField {...shared} nodes={view?.nodes ?? []} />}
      {action === 'skip' && <NodeField {...shared} nodes={view?.nodes ?? []} />}
      {(action === 'signal' || action === 'resume' || action === 'skip') && (
        <PayloadField {...shared} action={action} wrong={wrong?.field === 'payload' ? wrong.message : null} />
      )}
      {action === 'migrate' && <MigrateFields {...shared} versions={view?.versions ?? []} />}
      {action === 'cancel' && (
        <label class="check">
          <input
            type="checkbox"
            checked={args.compensate}
            onChange={(event) => write({ compensate: event.currentTarget.checked })}
          />
          Undo what completed
        </label>
      )}
      {action !== 'signal' && action !== 'resume' && <ReasonField {...shared} />}
    </>
  );
}

interface FieldProps {
  readonly args: ActionArguments;
  readonly write: (change: Partial<ActionArguments>) => void;
}

function ReasonField({ args, write }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Reason, for the audit trail</label>
      <input
        id={id}
        value={args.reason}
        maxLength={REASON_LENGTH}
        autocomplete="off"
        onInput={(event) => write({ reason: event.currentTarget.value })}
      />
    </div>
  );
}

function NameField({ args, write, names }: FieldProps & { readonly names: readonly string[] }) {
  const [id, listId] = [useId(), useId()];
  return (
    <div class="field">
      <label for={id}>Signal</label>
      <input
        id={id}
        list={listId}
        value={args.name}
        autocomplete="off"
        required
        onInput={(event) => write({ name: event.currentTarget.value })}
      />
      <datalist id={listId}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {names.length > 0 && <span class="hint">It waits for: {visibleText(names.join(', '))}</span>}
    </div>
  );
}

function FromField({ args, write, nodes }: FieldProps & { readonly nodes: readonly string[] }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Begin at</label>
      <select id={id} value={args.from} onChange={(event) => write({ from: event.currentTarget.value })}>
        <option value="">where it gave up{nodes[0] === undefined ? '' : ` (${visibleText(nodes[0])})`}</option>
        {nodes.map((node) => (
          <option key={node} value={node}>
            {visibleText(node)}
          </option>
        ))}
      </select>
    </div>
  );
}

function NodeField({ args, write, nodes }: FieldProps & { readonly nodes: readonly string[] }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Node</label>
      <select id={id} value={args.node} onChange={(event) => write({ node: event.currentTarget.value })}>
        {nodes.map((node) => (
          <option key={node} value={node}>
            {visibleText(node)}
          </option>
        ))}
      </select>
    </div>
  );
}

const PAYLOAD_LABELS = { signal: 'Payload', resume: 'Data', skip: 'Result' } as const;

interface PayloadFieldProps extends FieldProps {
  readonly action: keyof typeof PAYLOAD_LABELS;
  readonly wrong: string | null;
}

function PayloadField({ args, write, action, wrong }: PayloadFieldProps) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div class="field">
      <label for={id}>{PAYLOAD_LABELS[action]}, as JSON</label>
      <textarea
        id={id}
        value={args.payload}
        spellcheck={false}
        aria-invalid={wrong !== null}
        aria-describedby={hintId}
        onInput={(event) => write({ payload: event.currentTarget.value })}
      />
      <span id={hintId} class={wrong === null ? 'hint' : 'wrong'}>
        {wrong ?? 'Empty is null.'}
      </span>
    </div>
  );
}

function MigrateFields({ args, write, versions }: FieldProps & { readonly versions: readonly number[] }) {
  const [id, mapId, listId] = [useId(), useId(), useId()];
  return (
    <>
      <div class="field">
        <label for={id}>To version</label>
        <input
          id={id}
          list={listId}
          inputMode="numeric"
          autocomplete="off"
          value={args.to}
          onInput={(event) => write({ to: event.currentTarget.value })}
        />
        <datalist id={listId}>
          {versions.map((version) => (
            <option key={version} value={String(version)} />
          ))}
        </datalist>
        {versions.length > 0 && <span class="hint">There are: {versions.join(', ')}</span>}
      </div>
      <div class="field">
        <label for={mapId}>Renamed nodes, one a line: former = present</label>
        <textarea
          id={mapId}
          value={args.map}
          spellcheck={false}
          onInput={(event) => write({ map: event.currentTarget.value })}
        />
      </div>
    </>
  );
}
