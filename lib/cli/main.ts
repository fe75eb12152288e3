#!/usr/bin/env node
import { userInfo } from 'node:os';
import { runCli } from './cli.js';
import type { CliIo, TextSink } from './cli-io.interface.js';
import { EXIT } from './exit-code.js';

/** The process around the program: its streams, its signals and its end. */
function main(): void {
  const interrupted = new AbortController();
  const unread = new AbortController();
  // The second one ends a process that hangs in the application's own shutdown.
  for (const [signal, code] of [['SIGINT', EXIT.interrupted] as const, ['SIGTERM', EXIT.terminated] as const]) {
    process.once(signal, () => {
      interrupted.abort(code);
      process.once(signal, () => process.exit(code));
    });
  }
  // `| head` has read enough: what is written from then on is dropped, and no crash.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => unread.abort());
  const io: CliIo = {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: ownStdout(),
    stderr: process.stderr,
    user: userName(),
    interrupted: interrupted.signal,
    unread: unread.signal,
  };
  // An application that is booted may leave timers behind; what was written is on its way first.
  void runCli(process.argv.slice(2), io).then((code) => {
    process.exitCode = code;
    drained(() => process.exit(code));
  });
}

const writeOut = process.stdout.write.bind(process.stdout);

/** stdout belongs to the program: what an application prints while it is booted goes to stderr. */
function ownStdout(): TextSink {
  const { stdout, stderr } = process;
  stdout.write = stderr.write.bind(stderr);
  return {
    write: (text) => writeOut(text),
    get isTTY() {
      return stdout.isTTY;
    },
    get columns() {
      return stdout.columns;
    },
  };
}

/** Calls back when all that was written has been taken, or when nobody takes it any more. */
function drained(then: () => void): void {
  writeOut('', () => process.stderr.write('', () => then()));
}

/** A container's user may have no name. */
function userName(): string | undefined {
  try {
    return userInfo().username || undefined;
  } catch {
    return process.env.USER || undefined;
  }
}

main();
