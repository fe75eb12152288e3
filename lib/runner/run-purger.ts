import { parseDuration } from '../common/duration.js';
import { isTerminal, RUN_STATUSES, type RunStatus } from '../definition/run-state.js';
import { InvalidOptionError } from '../errors/index.js';
import { assertOptions } from './known-options.js';
import type { PurgeOptions } from './run-options.interface.js';
import type { RunnerBackend } from './runner-backend.interface.js';

/** Deleted in one transaction: a fraction of a second, so that a purge never delays a checkpoint noticeably. */
const PURGE_BATCH = 500;
/** Runs that an operator may still want to look into or retry are kept unless named. */
const PURGED_BY_DEFAULT: readonly RunStatus[] = ['completed', 'failed', 'canceled'];

/** Deletes runs that have ended; `DurableRunner.purge` documents it. */
export class RunPurger {
  constructor(private readonly backend: Pick<RunnerBackend, 'admin'>) {}

  purge(asked: PurgeOptions): Promise<number> {
    assertOptions('purge', asked);
    const { olderThan, onBatch, ...options } = asked;
    const status = options.status === undefined ? PURGED_BY_DEFAULT : [options.status].flat();
    for (const one of status) {
      if (!RUN_STATUSES.includes(one) || !isTerminal(one)) {
        throw new InvalidOptionError('status', one, 'completed, failed, canceled or compensation_failed');
      }
    }
    const age = parseDuration(olderThan, 'option olderThan of purge');
    const finishedBefore = 'at' in age ? { at: age.at } : { ageMs: age.ms };
    return this.backend.admin.purge({ finishedBefore, status, batchSize: PURGE_BATCH, onBatch });
  }
}
