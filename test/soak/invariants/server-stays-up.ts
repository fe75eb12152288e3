import type { Invariant } from './invariant.js';

/** A crash of the server looks like a restart, of which the soak makes many: whatever it takes down recovers. */
export const serverStaysUp: Invariant = {
  name: 'server-stays-up',
  statement: 'No process of the server crashes by what it is asked.',
  check: async ({ aftermath }) => aftermath.serverCrashes.map((line) => ({ subject: 'server', what: line })),
};
