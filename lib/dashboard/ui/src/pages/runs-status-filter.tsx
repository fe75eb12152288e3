import type { RunCountsAnswer } from '../../../api/dashboard-api.contract.js';
import { countWords } from '../components/count-words.js';
import { words } from '../components/format-text.js';
import { Icon } from '../components/icon.js';
import { STATUS_ICONS, STATUSES, type Status } from '../components/status.js';
import type { RunFilter } from '../state/run-filter.js';

interface StatusFilterProps {
  readonly filter: RunFilter;
  readonly counts: RunCountsAnswer | null;
  readonly narrow: (change: Partial<RunFilter>) => void;
}

/** One switch a status, with how many runs the rest of the filter leaves of it. */
export function StatusFilter({ filter, counts, narrow }: StatusFilterProps) {
  const toggle = (status: Status): void => {
    const wanted = new Set(filter.status);
    if (!wanted.delete(status)) wanted.add(status);
    narrow({ status: STATUSES.filter((each) => wanted.has(each)) });
  };
  return (
    <div class="chips" role="group" aria-label="Statuses">
      <button
        type="button"
        class="chip"
        aria-pressed={filter.status.length === 0}
        onClick={() => narrow({ status: [] })}
      >
        all
      </button>
      {STATUSES.map((status) => {
        const count = counts?.statuses.find((each) => each.status === status) ?? { count: 0, capped: false };
        return (
          <button
            type="button"
            class={`chip ${counts !== null && count.count === 0 ? 'none' : ''}`}
            key={status}
            data-tone={status}
            aria-pressed={filter.status.includes(status)}
            onClick={() => toggle(status)}
          >
            <Icon name={STATUS_ICONS[status]} size={13} />
            {words(status)}
            {counts !== null && <span class="chip-count">{countWords(count)}</span>}
          </button>
        );
      })}
    </div>
  );
}
