import { Readable } from 'node:stream';
import { runCli } from '../../../lib/cli/cli.js';
import type { CliIo } from '../../../lib/cli/cli-io.interface.js';

export interface CapturedRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program in this process, without a terminal, and keeps what it says. */
export async function runCaptured(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  parts: Partial<CliIo> = {},
): Promise<CapturedRun> {
  let stdout = '';
  let stderr = '';
  const never = new AbortController().signal;
  const io: CliIo = {
    env,
    cwd: process.cwd(),
    stdin: Readable.from([]),
    stdout: { write: (text) => (stdout += text), columns: 100 },
    stderr: { write: (text) => (stderr += text) },
    user: 'tester',
    interrupted: never,
    unread: never,
    ...parts,
  };
  const code = await runCli(args, io);
  return { code, stdout, stderr };
}

/** The one line of JSON that a command answered. */
export function answered<T = Record<string, any>>({ stdout, stderr, code }: CapturedRun): T {
  if (stdout.trim() === '') throw new Error(`no answer (exit code ${code}): ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** The error that a command reported for machines. */
export function reported({ stderr }: CapturedRun): { code: string; message: string; exitCode: number } {
  return (JSON.parse(stderr) as { error: { code: string; message: string; exitCode: number } }).error;
}
