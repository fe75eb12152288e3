import { Icon } from '../components/icon.js';
import { FIXED_COLUMNS, RUN_COLUMNS, type RunColumn } from '../state/known-columns.js';
import { runColumns, showColumn } from '../state/run-columns.js';

const CHOICES = (Object.keys(RUN_COLUMNS) as RunColumn[]).filter((column) => !FIXED_COLUMNS.includes(column));

/** Which columns the list has; remembered by the browser. */
export function ColumnChooser() {
  return (
    <details class="popover">
      <summary class="button">
        <Icon name="columns" />
        Columns
      </summary>
      <fieldset class="popover-body">
        <legend class="visually-hidden">Columns</legend>
        {CHOICES.map((column) => (
          <label class="check" key={column}>
            <input
              type="checkbox"
              checked={runColumns.value.includes(column)}
              onChange={(event) => showColumn(column, event.currentTarget.checked)}
            />
            {RUN_COLUMNS[column]}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
