import { InvalidOptionError } from '../errors/invalid-option.error.js';

/** Total attempts of a step that declares none, in a module that declares none: two more chances than one. */
export const DEFAULT_MAX_ATTEMPTS = 3;

/** The journal counts attempts in 15 bits; a step that is to be tried more often is a loop. */
export const MAX_ATTEMPTS_LIMIT = 10_000;

/** The default stops doubling here: a minute is short for an outage and long for the service that is down. */
const DEFAULT_BACKOFF_CAP_SECONDS = 60;

/**
 * A year. Longer waits come from exponents without a cap, and are cut to this: a wait that is too short costs one
 * attempt, one that is too long loses the run.
 */
export const MAX_BACKOFF_SECONDS = 365 * 24 * 3600;

/** Seconds to wait after attempt `failedAttempt` (1-based): 2, 4, 8, 16, 32, 60, 60, … */
export function defaultBackoff(failedAttempt: number): number {
  return Math.min(DEFAULT_BACKOFF_CAP_SECONDS, 2 ** failedAttempt);
}

/**
 * Asks a policy how long to wait, in whole milliseconds. More than a year is cut to a year.
 *
 * @param failedAttempt the attempt that just failed, 1-based.
 * @throws InvalidOptionError when the function throws, or returns anything but a finite number from 0. A policy that is
 * broken stays so: the run cannot go on with it.
 */
export function backoffMs(
  policy: { readonly backoff: (failedAttempt: number) => number },
  failedAttempt: number,
): number {
  const option = `backoff(${failedAttempt})`;
  const expectation = 'a number of seconds from 0';
  let seconds: unknown;
  try {
    seconds = policy.backoff(failedAttempt);
  } catch (cause) {
    throw new InvalidOptionError(option, undefined, expectation, { cause, shown: 'an exception' });
  }
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) {
    throw new InvalidOptionError(option, seconds, expectation);
  }
  return Math.round(Math.min(seconds, MAX_BACKOFF_SECONDS) * 1000);
}
