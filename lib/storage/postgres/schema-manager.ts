import { DatabaseUnsupportedError } from '../../errors/index.js';
import type { SchemaManager } from '../contract/schema-manager.contract.js';
import { EngineClient, type Query } from './connection/engine-client.js';
import type { EngineConnectionConfig } from './connection/engine-connection-config.js';
import {
  applyMigrations,
  readMigrationState,
  type MigrationState,
  type RunSql,
} from './migrations/apply-migrations.js';
import type { SpareConnections } from './connection/spare-connections.js';
import { withRetry } from './retry.js';
import { isPrivilegeMissing } from './sqlstate.js';

export interface PostgresSchemaManagerOptions {
  readonly schema: string;
  /** Told about migrations that a newer version of the package applied, e.g. to log it. */
  readonly onNewer?: (migrations: readonly string[]) => void;
  /** Where the connection is taken from and left. @default it is opened and closed */
  readonly spares?: SpareConnections;
}

/** Waiting for another process that migrates a large table; a migration itself must stay far below it. */
const STATEMENT_TIMEOUT_MS = 10 * 60_000;

/** A database that restarts or fails over is back within it; a start that hangs longer should be seen as failed. */
const MAX_ELAPSED_MS = 30_000;

/**
 * {@link SchemaManager} on PostgreSQL. Each call has one connection to itself.
 *
 * A schema that is newer than this version of the package is accepted: during a rolling deploy the first new process
 * migrates while old ones go on and restart, so migrations only ever add what earlier versions can ignore.
 */
export class PostgresSchemaManager implements SchemaManager {
  constructor(
    private readonly config: EngineConnectionConfig,
    private readonly options: PostgresSchemaManagerOptions,
  ) {}

  /**
   * @throws DatabaseUnsupportedError when the role may not change the schema.
   * @throws StoreUnavailableError when the database cannot be reached.
   */
  async migrate(): Promise<readonly string[]> {
    const done: string[] = [];
    return this.withClient('migrate', async (client) => {
      for (;;) {
        const names = await client.transaction((query) => applyMigrations(runOn(query), this.options.schema, 1));
        if (names.length === 0) break;
        done.push(...names);
      }
      await this.readState(client);
      return done;
    });
  }

  /**
   * @throws DatabaseUnsupportedError when the role may not read the schema.
   * @throws StoreUnavailableError when the database cannot be reached.
   */
  async pending(): Promise<readonly string[]> {
    const state = await this.withClient('read', (client) => this.readState(client));
    return state.pending.map((migration) => migration.name);
  }

  private async readState(client: EngineClient): Promise<MigrationState> {
    const state = await readMigrationState(runOn(client.query.bind(client)), this.options.schema);
    if (state.newer.length > 0) this.options.onNewer?.(state.newer);
    return state;
  }

  private async withClient<T>(action: 'migrate' | 'read', work: (client: EngineClient) => Promise<T>): Promise<T> {
    const { schema, spares } = this.options;
    const client = new EngineClient(this.config, { role: 'schema', statementTimeoutMs: STATEMENT_TIMEOUT_MS, spares });
    try {
      return await withRetry(`${action} schema "${schema}"`, () => work(client), { maxElapsedMs: MAX_ELAPSED_MS });
    } catch (error) {
      if (!isPrivilegeMissing(error)) throw error;
      throw new DatabaseUnsupportedError(
        `its role may not ${action} schema "${schema}" (${(error as Error).message})`,
        action === 'migrate'
          ? 'Grant it CREATE on the database, or run the SQL of durableMigrationSql() as a role that may and set migrate: false'
          : 'Grant it USAGE on the schema, and SELECT, INSERT, UPDATE and DELETE on all of its tables',
      );
    } finally {
      await (spares ? client.release(spares) : client.close());
    }
  }
}

function runOn(query: Query): RunSql {
  return async (text) => (await query({ text, values: [] })).rows;
}
