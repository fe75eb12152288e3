import type { SurveyedWorker } from '../storage/contract/database-survey.contract.js';

/**
 * - `alive`: its lease runs, and its connection is there.
 * - `cut off`: its lease runs, and its connection is gone; in a moment it is connected again, or dead.
 * - `dead`: its lease has ended; other workers take its runs over, if there are any.
 */
export type WorkerState = 'alive' | 'cut off' | 'dead';

export function stateOf({ leased, locked }: Pick<SurveyedWorker, 'leased' | 'locked'>): WorkerState {
  if (!leased) return 'dead';
  return locked ? 'alive' : 'cut off';
}
