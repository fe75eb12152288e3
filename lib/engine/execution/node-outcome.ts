import type { Checkpoint, CheckpointOutcome, Due, JournalEntry, StoredError } from '../../storage/contract/records.js';
import type { FailedResult } from './attempt-runner.js';

/** What came of a node. */
export type NodeOutcome =
  /** Finished: the rows to journal, and the signals taken, with the move to the next node. */
  | { readonly type: 'done'; readonly journal: readonly JournalEntry[]; readonly consumed?: Checkpoint['consumed'] }
  /** Finished, and written in the step's own transaction. */
  | { readonly type: 'written'; readonly checkpoint: Checkpoint; readonly outcome: CheckpointOutcome }
  /** An attempt failed, not written yet: the run parks until the next one, or gives up. */
  | { readonly type: 'failed'; readonly result: FailedResult }
  /** A part gave up and has been journaled so, and its siblings have settled. */
  | { readonly type: 'givenUp'; readonly error: StoredError }
  /** Parts wait for their next attempts, the first of them after this time. */
  | { readonly type: 'retryAt'; readonly delayMs: number }
  /** Waits for a time, a signal, a child or a resume. */
  | ({
      readonly type: 'park';
      readonly due: Due;
      readonly awaiting: readonly string[] | null;
      /** The session's wake-up counter before the node looked for what it waits for: it may have heard of more since. */
      readonly seen?: number;
    } & Partial<Pick<Checkpoint, 'journal' | 'consumed' | 'children'>>)
  /** Stopped between two parts: a cancel, the run's deadline or a shutdown comes first. */
  | { readonly type: 'interrupted' }
  /** The run was lost: nothing is to be written. */
  | { readonly type: 'abandoned' };
