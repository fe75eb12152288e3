import { DurableError } from './durable.error.js';
import { because } from './because.js';

/** PostgreSQL refused the data of a batch of checkpoints. Nothing of the batch was written. */
export class CheckpointRejectedError extends DurableError {
  static override readonly code: string = 'DURABLE_CHECKPOINT_REJECTED';

  constructor(cause: unknown) {
    super(
      CheckpointRejectedError.code,
      `The database refused a batch of checkpoints${because(cause)}. Its records are written one by one; only the refused one fails its run.`,
      { cause },
    );
  }
}
