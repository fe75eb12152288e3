import { useEffect, useState } from 'preact/hooks';
import type { JournalAnswer, JournalRow, RunAnswer } from '../../../api/dashboard-api.contract.js';
import { get, RequestError } from '../api/request.js';
import { Card } from '../components/card.js';
import { formatDuration } from '../components/format-time.js';
import { Icon } from '../components/icon.js';
import { PayloadView } from '../components/payload-view.js';
import { Empty } from '../components/placeholders.js';
import { SafeText } from '../components/safe-text.js';
import { At } from '../components/times.js';
import { toast } from '../state/toasts.js';
import { ErrorText } from './run-error.js';

/** Everything that happened, in order: what completed, what was undone, and the attempts that failed. */
export function RunJournal({ answer }: { readonly answer: RunAnswer }) {
  const { run } = answer;
  const [later, setLater] = useState<{ rows: readonly JournalRow[]; next: string | null } | null>(null);
  useEffect(() => setLater(null), [answer.journal]);
  const next = later === null ? answer.journal.next : later.next;
  const rows = [...answer.journal.rows, ...(later?.rows ?? [])];
  const more = async (): Promise<void> => {
    try {
      const path = `runs/${encodeURIComponent(run.id)}/journal?after=${encodeURIComponent(next!)}`;
      const page = await get<JournalAnswer>(path);
      setLater((old) => ({ rows: [...(old?.rows ?? []), ...page.rows], next: page.next }));
    } catch (error) {
      toast('bad', error instanceof RequestError ? error.message : String(error));
    }
  };
  return (
    <Card title="Events" aside={<span class="muted small">oldest first</span>} flush>
      {rows.length === 0 ? (
        <Empty title="Nothing has completed or failed yet" />
      ) : (
        <ol class="events" aria-label="Events">
          {rows.map((row) => (
            <Event key={`${row.key} ${row.kind} ${row.attempt} ${row.at}`} row={row} runId={run.id} />
          ))}
        </ol>
      )}
      {next !== null && (
        <div class="card-body">
          <button type="button" class="button" onClick={() => void more()}>
            Later ones
          </button>
        </div>
      )}
    </Card>
  );
}

function Event({ row, runId }: { readonly row: JournalRow; readonly runId: string }) {
  const [open, setOpen] = useState(false);
  const undo = row.key.startsWith('undo:');
  const tone = row.status === 'failed' ? 'failed' : undo ? 'undone' : 'done';
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary class="event">
          <span class="event-mark" data-tone={tone}>
            <Icon name={tone === 'failed' ? 'failed' : undo ? 'undo' : 'done'} size={14} />
            <span class="visually-hidden">{row.status}</span>
          </span>
          <span class="event-key">
            <SafeText text={row.key} />
          </span>
          <span class="muted small event-kind">
            {row.kind === 'attempt' ? `attempt ${row.attempt} failed` : row.kind}
            {row.kind !== 'attempt' && row.attempt > 1 && `, attempt ${row.attempt}`}
          </span>
          <span class="event-note">{row.error !== null && <SafeText text={row.error.message} max={120} />}</span>
          <span class="number small">{formatDuration(row.durationMs)}</span>
          <span class="muted small">
            <At at={row.at} />
          </span>
        </summary>
        {open && (
          <div class="event-body">
            {row.error === null ? (
              <PayloadView payload={row.result} runId={runId} name={`result of ${row.key}`} />
            ) : (
              <ErrorText error={row.error} />
            )}
          </div>
        )}
      </details>
    </li>
  );
}
