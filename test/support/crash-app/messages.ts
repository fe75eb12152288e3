/** What a test asks a process of the crash tests for. */
export type Command =
  /** Starts runs, in one statement. The answer is their ids. */
  | {
      readonly command: 'start';
      readonly workflow: string;
      readonly inputs: readonly unknown[];
    }
  /** Starts one run after the other until `rest`; each start that resolved is reported as `started`. */
  | { readonly command: 'load'; readonly workflow: string; readonly input: unknown; readonly everyMs: number }
  /** Ends the load. The answer is what its starts rejected with. */
  | { readonly command: 'rest' };

/** What a process tells the test. */
export type Message =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown; readonly error: string | null }
  /** `runner.start` has resolved for this run. */
  | { readonly type: 'started'; readonly runId: string }
  /** A step waits at its gate, until the test opens it. */
  | { readonly type: 'waiting'; readonly runId: string; readonly step: string; readonly attempt: number }
  /** A write waits at a failpoint, until the test releases it. */
  | { readonly type: 'failpoint'; readonly point: string; readonly place: string; readonly hit: number }
  /** The abort signal of a waiting step has fired. */
  | { readonly type: 'aborted'; readonly runId: string; readonly step: string; readonly reason: string };

export type Request =
  | { readonly type: 'command'; readonly id: number; readonly command: Command }
  | { readonly type: 'open'; readonly runId: string; readonly step: string };
