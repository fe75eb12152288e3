/** Where text goes: a terminal, a pipe, a file, or a test's memory. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
}

/** Everything that the program sees of the world around it. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** Who runs it, as the system says; kept in the audit trail. */
  readonly user: string | undefined;
  /** Aborted by SIGINT or SIGTERM; the reason is the exit code. */
  readonly interrupted: AbortSignal;
  /** Aborted when nobody reads the output any more. */
  readonly unread: AbortSignal;
}
