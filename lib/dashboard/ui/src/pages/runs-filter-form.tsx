import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { visibleText } from '../components/format-text.js';
import { Icon } from '../components/icon.js';
import { config } from '../state/config.js';
import { isFiltered, NO_FILTER, WITHIN, type RunFilter, type Within } from '../state/run-filter.js';
import { useShortcuts } from '../state/shortcuts.js';

interface RunFilterFormProps {
  readonly filter: RunFilter;
  readonly narrow: (change: Partial<RunFilter>) => void;
}

/** Everything but the status. Choices count at once, texts when they are entered. */
export function RunFilterForm({ filter, narrow }: RunFilterFormProps) {
  const [draft, setDraft] = useState(filter);
  const [more, setMore] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => setDraft(filter), [filter]);
  useShortcuts(useMemo(() => ({ '/': () => first.current?.focus() }), []));
  const write = (change: Partial<RunFilter>): void => setDraft((old) => ({ ...old, ...change }));
  const submit = (event: Event): void => {
    event.preventDefault();
    narrow({ ...draft, status: filter.status });
  };
  return (
    <form class={`filters ${more ? 'open' : ''}`} role="search" aria-label="Runs" onSubmit={submit}>
      <TextField
        label="Key"
        value={draft.key}
        onInput={(key) => write({ key })}
        inputRef={first}
        hint="idempotency key"
      />
      <TextField label="Error contains" value={draft.error} onInput={(error) => write({ error })} />
      <TextField
        label="Tags"
        value={draft.tag.join(', ')}
        onInput={(text) => write({ tag: text.split(/,\s*/) })}
        hint="all of: eu, vip"
        extra
      />
      <WorkflowFields filter={filter} narrow={narrow} />
      <TimeFields filter={filter} draft={draft} write={write} narrow={narrow} />
      <TextField label="Run id" extra value={draft.id} onInput={(id) => write({ id })} />
      <div class="row filters-end">
        <button type="submit" class="button primary">
          <Icon name="filter" />
          Filter
        </button>
        <button type="button" class="button filters-more" aria-expanded={more} onClick={() => setMore(!more)}>
          {more ? 'Less' : 'More'}
        </button>
        {isFiltered(filter) && (
          <button type="button" class="button quiet" onClick={() => narrow(NO_FILTER)}>
            Clear
          </button>
        )}
      </div>
      {filter.parent !== '' && (
        <p class="small">
          Children of <code>{filter.parent}</code>{' '}
          <button type="button" class="button mini" onClick={() => narrow({ parent: '' })}>
            Show all
          </button>
        </p>
      )}
    </form>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly onInput: (text: string) => void;
  /** Shown on small screens only when more is asked for. */
  readonly extra?: boolean;
  readonly inputRef?: { current: HTMLInputElement | null };
}

function TextField({ label, value, hint, onInput, inputRef, extra = false }: TextFieldProps) {
  const id = useId();
  return (
    <div class={`field ${extra ? 'extra' : ''}`}>
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={inputRef}
        type="text"
        value={value}
        placeholder={hint}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}

function WorkflowFields({ filter, narrow }: RunFilterFormProps) {
  const [nameId, versionId] = [useId(), useId()];
  const workflows = config.value?.workflows ?? [];
  const versions = workflows.find(({ name }) => name === filter.workflow)?.versions ?? [];
  const unknown = filter.workflow !== '' && versions.length === 0;
  return (
    <>
      <div class="field extra">
        <label for={nameId}>Workflow</label>
        <select
          id={nameId}
          value={filter.workflow}
          onChange={(event) => narrow({ workflow: event.currentTarget.value, version: null })}
        >
          <option value="">every</option>
          {unknown && <option value={filter.workflow}>{filter.workflow}</option>}
          {workflows.map(({ name }) => (
            <option key={name} value={name}>
              {visibleText(name)}
            </option>
          ))}
        </select>
      </div>
      <div class="field extra">
        <label for={versionId}>Version</label>
        <select
          id={versionId}
          value={filter.version === null ? '' : String(filter.version)}
          disabled={filter.workflow === ''}
          onChange={(event) => narrow({ version: Number(event.currentTarget.value) || null })}
        >
          <option value="">every</option>
          {versions.map((version) => (
            <option key={version} value={String(version)}>
              {version}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

interface TimeFieldsProps extends RunFilterFormProps {
  readonly draft: RunFilter;
  readonly write: (change: Partial<RunFilter>) => void;
}

function TimeFields({ filter, draft, write, narrow }: TimeFieldsProps) {
  const id = useId();
  const [between, setBetween] = useState(false);
  const chosen = filter.within ?? (between || filter.from !== '' || filter.to !== '' ? 'between' : '');
  const choose = (value: string): void => {
    setBetween(value === 'between');
    if (value !== 'between') narrow({ within: value === '' ? null : (value as Within), from: '', to: '' });
    else if (filter.within !== null) narrow({ within: null });
  };
  return (
    <>
      <div class="field extra">
        <label for={id}>Created</label>
        <select id={id} value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">at any time</option>
          {Object.keys(WITHIN).map((each) => (
            <option key={each} value={each}>
              in the last {each}
            </option>
          ))}
          <option value="between">between …</option>
        </select>
      </div>
      {chosen === 'between' && (
        <>
          <DateField label="From" value={draft.from} onInput={(from) => write({ from, within: null })} />
          <DateField label="Before" value={draft.to} onInput={(to) => write({ to, within: null })} />
        </>
      )}
    </>
  );
}

function DateField({
  label,
  value,
  onInput,
}: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (iso: string) => void;
}) {
  const id = useId();
  return (
    <div class="field extra">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        step={1}
        value={localTime(value)}
        onInput={(event) => {
          const at = new Date(event.currentTarget.value);
          onInput(Number.isNaN(at.getTime()) ? '' : at.toISOString());
        }}
      />
    </div>
  );
}

/** What an input of the kind `datetime-local` takes: the reader's own time. */
function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
