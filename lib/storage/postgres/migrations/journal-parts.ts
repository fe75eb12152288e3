/** The tables that the journal consists of: partitions by the hash of the run's id. The first migration makes them. */
export const JOURNAL_PARTS: readonly string[] = ['journal_0', 'journal_1', 'journal_2', 'journal_3'];
