import type { Violation } from '../invariants/invariant.js';

/** What a process takes of the machine while it has nothing to do. */
export interface Vitals {
  readonly sockets: number;
  readonly timers: number;
  /** After a collection. */
  readonly heapMb: number;
}

/** The processes after the faults have stopped, and what became of the server meanwhile. */
export interface Aftermath {
  readonly workers: readonly {
    readonly name: string;
    readonly progressed: boolean;
    readonly vitals: Vitals;
    /** The applications of its connections to the server, one entry each. */
    readonly connections: readonly string[];
  }[];
  /** A process that was started after the faults, and has done the same work since. */
  readonly fresh: Vitals;
  readonly unexpectedEnds: readonly { readonly name: string; readonly how: string }[];
  /** Runs that nothing would have woken, and those that took too long, found while some were kept waiting. */
  readonly sleepers: readonly Violation[];
  /** What the server logged when it crashed by itself. */
  readonly serverCrashes: readonly string[];
}
