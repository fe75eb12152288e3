const RUNS = ['run', 'journal', 'journal_archive', 'attempt', 'progress', 'signal', 'operation'];
const PROCESSES = ['worker', 'definition', 'pause'];

/**
 * Forgets what a test has left in the tables of the schema `durable`. The rows of one test are few: to delete them takes a
 * millisecond; `truncate` makes new files for every table and index, which takes twenty and more.
 */
export const EMPTY_TABLES = [...RUNS, ...PROCESSES].map((table) => `delete from durable.${table}`).join(';\n');
