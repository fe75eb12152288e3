/**
 * How much of what is alike the tests go through that take longest: all of it, or as much as a run of CI has time for on two
 * cores. `.ci/gates.mjs` says which; `npm test` and the nightly jobs take all.
 */
const BRIEF = process.env.DURABLE_TESTS === 'brief';

export function depth<T>(all: T, brief: T): T {
  return BRIEF ? brief : all;
}
