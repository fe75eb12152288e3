import { useState } from 'preact/hooks';
import type { BulkAction, RunCountsAnswer, RunFilterBody } from '../../../api/dashboard-api.contract.js';
import { countWords } from '../components/count-words.js';
import { formatCount } from '../components/format-text.js';
import { mayDo } from '../state/config.js';
import type { Selection } from '../state/selection.js';
import { BulkDialog, type BulkTarget } from './runs-bulk-dialog.js';

const ACTIONS: readonly (readonly [BulkAction, string])[] = [
  ['cancel', 'Cancel'],
  ['retry', 'Retry'],
  ['signal', 'Signal'],
  ['pause', 'Pause'],
  ['unpause', 'Unpause'],
  ['migrate', 'Migrate'],
  ['terminate', 'Terminate'],
];

interface BulkBarProps {
  readonly selection: Selection;
  readonly body: RunFilterBody;
  readonly counts: RunCountsAnswer | null;
  readonly onDone: () => void;
}

/** What can be done with the selected runs, or with all that match. */
export function BulkBar({ selection, body, counts, onDone }: BulkBarProps) {
  const [open, setOpen] = useState<{ readonly action: BulkAction; readonly target: BulkTarget } | null>(null);
  const offered = ACTIONS.filter(([action]) => mayDo(action));
  const selected = selection.ids.size;
  const target: BulkTarget = selection.all ? { filter: body } : { runIds: [...selection.ids] };
  const close = (done: boolean): void => {
    setOpen(null);
    if (!done) return;
    selection.clear();
    onDone();
  };
  return (
    <>
      {selected > 0 && (
        <div class="bulk" role="region" aria-label="Selected runs">
          <strong aria-live="polite">
            {selection.all
              ? `All ${counts === null ? '' : countWords(counts.total)} that match`
              : `${formatCount(selected)} selected`}
          </strong>
          {!selection.all && selection.pageSelected && counts !== null && counts.total.count > selected && (
            <button type="button" class="button mini" onClick={selection.selectAll}>
              Select all {countWords(counts.total)} that match
            </button>
          )}
          {offered.map(([action, name]) => (
            <button type="button" class="button mini" key={action} onClick={() => setOpen({ action, target })}>
              {name}…
            </button>
          ))}
          {offered.length === 0 && <span>You may look, and nothing else.</span>}
          <button type="button" class="button mini" onClick={selection.clear}>
            Clear
          </button>
        </div>
      )}
      {open !== null && <BulkDialog {...open} onClose={close} />}
    </>
  );
}
