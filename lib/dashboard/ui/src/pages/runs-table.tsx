import { useMemo, useRef } from 'preact/hooks';
import type { RunRow } from '../../../api/dashboard-api.contract.js';
import { StatusBadge } from '../components/badges.js';
import { Empty } from '../components/placeholders.js';
import { RUN_COLUMNS } from '../state/known-columns.js';
import { runColumns } from '../state/run-columns.js';
import type { Selection } from '../state/selection.js';
import { useShortcuts } from '../state/shortcuts.js';
import { RunCell } from './runs-cells.js';

interface RunTableProps {
  readonly rows: readonly RunRow[];
  readonly selection: Selection;
}

export function RunTable({ rows, selection }: RunTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  // No state: a key that follows at once must find where the one before it went.
  const at = useRef(-1);
  useShortcuts(
    useMemo(() => {
      const go = (to: number): void => {
        at.current = Math.max(0, Math.min(rows.length - 1, to));
        body.current?.querySelectorAll<HTMLElement>('a.run-link')[at.current]?.focus();
      };
      return {
        j: () => go(at.current + 1),
        k: () => go(at.current - 1),
        x: () => {
          const run = rows[at.current];
          if (run !== undefined) selection.toggle(run.id, !selection.ids.has(run.id));
        },
      };
    }, [rows, selection]),
  );
  const columns = runColumns.value;
  if (columns.length === 0) return <Empty title="No columns" />;
  return (
    <div class="card scroll">
      <table class="runs">
        <caption class="visually-hidden">Runs, newest first</caption>
        <thead>
          <tr>
            <th class="select">
              <input
                type="checkbox"
                aria-label="Select all rows of this page"
                checked={selection.pageSelected}
                onChange={(event) => selection.togglePage(event.currentTarget.checked)}
              />
            </th>
            {columns.map((column) => (
              <th key={column} class={`col-${column}`}>
                {RUN_COLUMNS[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((run) => (
            <Row key={run.id} run={run} selection={selection} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ run, selection }: { readonly run: RunRow; readonly selection: Selection }) {
  const selected = selection.ids.has(run.id);
  return (
    <tr class={selected ? 'selected' : ''} data-run={run.id}>
      <td class="select">
        <input
          type="checkbox"
          aria-label={`Select run ${run.idempotencyKey ?? run.id}`}
          checked={selected}
          onChange={(event) => selection.toggle(run.id, event.currentTarget.checked)}
        />
      </td>
      {runColumns.value.map((column) => (
        <td key={column} class={`col-${column}`}>
          {column === 'status' ? (
            <StatusBadge status={run.status} paused={run.pausedAt !== null} />
          ) : (
            <RunCell column={column} run={run} />
          )}
        </td>
      ))}
    </tr>
  );
}
