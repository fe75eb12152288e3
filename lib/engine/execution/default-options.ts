import { DEFAULT_MAX_ATTEMPTS, defaultBackoff } from '../../common/retry-policy.js';
import type { Unit } from './unit.js';

/** Options of a function of the author that has none of its own: the duration of a sleep, the input of a child. */
export const DEFAULT_OPTIONS: Unit['options'] = {
  maxAttempts: DEFAULT_MAX_ATTEMPTS,
  backoff: defaultBackoff,
  declared: {},
};
