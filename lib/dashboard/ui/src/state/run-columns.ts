import { signal } from '@preact/signals';
import { ALL_COLUMNS, readColumns, type RunColumn } from './known-columns.js';
import { readStored, writeStored } from './stored.js';

export const runColumns = signal<readonly RunColumn[]>(readColumns(readStored('columns')));

export function showColumn(column: RunColumn, shown: boolean): void {
  const wanted = new Set(runColumns.value);
  if (shown) wanted.add(column);
  else wanted.delete(column);
  runColumns.value = ALL_COLUMNS.filter((each) => wanted.has(each));
  writeStored('columns', runColumns.value.join(','));
}
