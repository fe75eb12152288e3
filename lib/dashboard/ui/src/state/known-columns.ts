export const RUN_COLUMNS = {
  status: 'Status',
  run: 'Run',
  node: 'At',
  detail: 'Why',
  tags: 'Tags',
  key: 'Key',
  queue: 'Queue',
  priority: 'Priority',
  worker: 'Worker',
  created: 'Created',
  updated: 'Updated',
  lasted: 'Lasted',
} as const;

export type RunColumn = keyof typeof RUN_COLUMNS;

export const ALL_COLUMNS: readonly RunColumn[] = Object.keys(RUN_COLUMNS) as RunColumn[];
/** Without these two a row says nothing. */
export const FIXED_COLUMNS: readonly RunColumn[] = ['status', 'run'];
const DEFAULT: readonly RunColumn[] = ['status', 'run', 'node', 'detail', 'created', 'lasted'];

/** The columns that a stored text names, in their order; what it does not know is left out. */
export function readColumns(stored: string | null): readonly RunColumn[] {
  if (stored === null) return DEFAULT;
  const wanted = stored.split(',');
  return ALL_COLUMNS.filter((column) => FIXED_COLUMNS.includes(column) || wanted.includes(column));
}
