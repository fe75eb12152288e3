import type { OverviewAnswer, WaitingReason } from '../../../api/dashboard-api.contract.js';
import { countWords } from '../components/count-words.js';
import { Empty } from '../components/placeholders.js';

const REASONS: Readonly<Record<WaitingReason, readonly [words: string, tone: string]>> = {
  running: ['being executed', 'running'],
  due: ['due, for a worker', 'pending'],
  delayed: ['for a time to begin', 'pending'],
  sleeping: ['sleeping', 'waiting'],
  retry: ['for the next attempt', 'compensating'],
  signal: ['for a signal', 'waiting'],
  child: ['for a child', 'waiting'],
  resume: ['for somebody to resume', 'waiting'],
  compensating: ['being undone', 'compensating'],
  paused: ['paused', 'pending'],
  plan_changed: ['stopped: the plan changed', 'failed'],
};

/** What the runs that have not ended wait for, the most first. */
export function WaitingBars({ overview }: { readonly overview: OverviewAnswer }) {
  const rows = [...overview.waiting].sort((a, b) => b.count - a.count);
  if (rows.length === 0) return <Empty title="Nothing is in flight" />;
  const most = Math.max(...rows.map(({ count }) => count));
  return (
    <ul class="bars">
      {rows.map((row) => {
        const [says, tone] = REASONS[row.reason];
        return (
          <li class="bar" key={row.reason} data-tone={tone}>
            <span>{says}</span>
            <span class="number">{countWords(row)}</span>
            <span class="track">
              <span class="fill" style={{ width: `${Math.max(1, (100 * row.count) / most)}%` }} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
