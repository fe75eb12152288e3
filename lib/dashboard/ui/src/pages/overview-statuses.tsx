import { Link } from 'wouter-preact';
import type { OverviewAnswer } from '../../../api/dashboard-api.contract.js';
import { countWords } from '../components/count-words.js';
import { words } from '../components/format-text.js';
import { Icon } from '../components/icon.js';
import { STATUS_ICONS, STATUS_MEANINGS, STATUSES } from '../components/status.js';
import { runsPath } from '../state/run-filter.js';

/** One tile a status; each leads to the runs that it counts. */
export function StatusTiles({ overview }: { readonly overview: OverviewAnswer }) {
  return (
    <ul class="tiles" aria-label="Runs by status">
      {STATUSES.map((status) => {
        const known = overview.statuses.find((each) => each.status === status);
        const count = known ?? { count: 0, capped: false, estimated: false };
        return (
          <li key={status}>
            <Link
              href={runsPath({ status: [status] })}
              class={`tile ${count.count === 0 ? 'none' : ''}`}
              data-tone={status}
              title={`${words(status)}: ${STATUS_MEANINGS[status]}`}
            >
              <span class="tile-name">
                <Icon name={STATUS_ICONS[status]} size={14} />
                {words(status)}
              </span>
              <span class="tile-count">{countWords(count, count.estimated)}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
