export interface LocalPostgresOptions {
  /** Keep the cluster here, with full durability. Without it the cluster is a throw-away one without fsync. */
  readonly dataDir?: string;
  /** @default a free one */
  readonly port?: number;
  /** Server settings on top of the defaults, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called with every line that the server logs, unless it ran already. */
  readonly onLog?: (line: string) => void;
}

export interface LocalPostgres {
  readonly url: string;
  readonly port: number;
  /** Major version of the server. */
  readonly version: number;
  /** Folder of the cluster. */
  readonly dataDir: string;
  /** True when another process had started it already; `stop` then leaves it running. */
  readonly reused: boolean;
  /** `fast` disconnects everyone and writes a checkpoint, `immediate` is a crash. A throw-away cluster is deleted. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/** Starts a private PostgreSQL on Linux or macOS that ends with this process, however that one ends. */
export function startLocalPostgres(options?: LocalPostgresOptions): Promise<LocalPostgres>;
