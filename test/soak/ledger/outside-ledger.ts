import { openSync, writeSync } from 'node:fs';

/** What is written down of the world outside the database. */
export type OutsideEvent =
  /** A handler was called. `busy`: runs with a handler in progress in that process; `beside`: handlers of that node. */
  | {
      readonly event: 'begin';
      readonly at: number;
      readonly run: string;
      readonly key: string;
      readonly attempt: number;
      readonly busy: number;
      readonly beside: number;
    }
  | { readonly event: 'end'; readonly at: number; readonly run: string; readonly key: string; readonly attempt: number }
  /** A handler throws what its plan says, and has not been given up before. */
  | {
      readonly event: 'fail';
      readonly at: number;
      readonly run: string;
      readonly key: string;
      readonly attempt: number;
    }
  /** A start, or a signal, was acknowledged. */
  | { readonly event: 'started'; readonly at: number; readonly run: string; readonly key: string }
  | { readonly event: 'signalled'; readonly at: number; readonly run: string; readonly key: string }
  /** Checkpoints that changed nothing, because another claim held their runs. */
  | { readonly event: 'fenced'; readonly at: number; readonly count: number }
  /** The last thing that a process does which kills itself, or what the nemesis did to one. */
  | { readonly event: 'killed'; readonly at: number; readonly pid: number; readonly where: string };

export type LedgerLine = OutsideEvent & { readonly by: number };

/**
 * The ledger outside the database: a file to which every process appends lines. The kernel writes each line whole and one
 * after the other (`O_APPEND`), so the file is the order of what happened, and no crash takes a line back.
 */
export class OutsideLedger {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  write(event: OutsideEvent): void {
    writeSync(this.file, `${JSON.stringify({ ...event, by: process.pid })}\n`);
  }
}
