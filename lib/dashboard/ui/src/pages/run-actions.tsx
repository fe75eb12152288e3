import { useMemo, useRef } from 'preact/hooks';
import type { ActionView, RunAnswer } from '../../../api/dashboard-api.contract.js';
import { Icon } from '../components/icon.js';
import type { ActionArguments } from '../state/action-arguments.js';
import { useShortcuts } from '../state/shortcuts.js';
import { ActionDialog } from './action-dialog.js';
import { ACTION_ICONS, ACTION_NAMES } from './action-names.js';

/** An order that somebody is about to give. */
export interface OpenAction {
  readonly view: ActionView;
  readonly known?: Partial<ActionArguments>;
}

interface RunActionsProps {
  readonly answer: RunAnswer;
  readonly open: OpenAction | null;
  readonly setOpen: (open: OpenAction | null) => void;
  readonly reload: () => void;
}

/** What can be done with the run. What cannot be done now stands there too, and says why. */
export function RunActions({ answer, open, setOpen, reload }: RunActionsProps) {
  const bar = useRef<HTMLDivElement>(null);
  useShortcuts(useMemo(() => ({ a: () => bar.current?.querySelector<HTMLElement>('button')?.focus() }), []));
  const { allowed, run } = answer;
  const offered = answer.actions.filter(({ action }) => allowed.includes(action));
  const enabled = offered.filter((view) => view.enabled);
  const others = offered.filter((view) => !view.enabled);
  const close = (changed: boolean): void => {
    setOpen(null);
    if (changed) reload();
  };
  if (offered.length === 0) return null;
  return (
    <>
      <div class="row" role="group" aria-label="Actions" ref={bar}>
        {enabled.map((view) => (
          <button type="button" class="button" key={view.action} onClick={() => setOpen({ view })}>
            <Icon name={ACTION_ICONS[view.action]} size={14} />
            {ACTION_NAMES[view.action]}…
          </button>
        ))}
        {others.length > 0 && <NotNow views={others} />}
      </div>
      {open !== null && <ActionDialog runId={run.id} view={open.view} known={open.known} onClose={close} />}
    </>
  );
}

function NotNow({ views }: { readonly views: readonly ActionView[] }) {
  return (
    <details class="popover">
      <summary class="button quiet">Not now ({views.length})</summary>
      <dl class="popover-body facts not-now">
        {views.map(({ action, why }) => (
          <>
            <dt key={action}>{ACTION_NAMES[action]}</dt>
            <dd class="small">{why}</dd>
          </>
        ))}
      </dl>
    </details>
  );
}
