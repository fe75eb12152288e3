import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Request, TaskArgs, TaskName, TaskResult } from './protocol.js';

const PROGRAM = fileURLToPath(new URL('./subject-process.js', import.meta.url));
/** No task takes as long, however busy the machine: only what hangs. */
const TIMEOUT_MS = 300_000;

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * The parent's end of a subject's process.
 *
 * Lifecycle: constructed running → `ask` any number of times → `end`, which kills it: what it was doing is of no interest.
 */
export class SubjectClient {
  private next = 0;
  private readonly pending = new Map<number, Pending>();
  private readonly child: ChildProcess;

  constructor(execArgv: readonly string[] = []) {
    // Whatever an engine prints must not get into the report.
    this.child = fork(PROGRAM, { execArgv: [...execArgv], stdio: ['ignore', 2, 2, 'ipc'] });
    this.child.on('message', ({ id, result, error }: Answer) => {
      const pending = this.pending.get(id);
      this.pending.delete(id);
      if (error === undefined) pending?.resolve(result);
      else pending?.reject(new Error(`the process of the subject answers: ${error}`));
    });
    this.child.once('exit', (code, signal) => {
      const error = new Error(`the process of the subject has ended by itself (${signal ?? code})`);
      for (const { reject } of this.pending.values()) reject(error);
    });
  }

  ask<Name extends TaskName>(task: Name, args: TaskArgs<Name>): Promise<TaskResult<Name>> {
    const request: Request = { id: this.next++, task, args };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${task} in ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          settle(value);
        };
      this.pending.set(request.id, {
        resolve: settled((result: unknown) => resolve(result as TaskResult<Name>)),
        reject: settled(reject),
      });
      this.child.send(request, (error) => error && this.pending.get(request.id)?.reject(error));
    });
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.pending.clear();
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
