import type { DataSource } from 'typeorm';
import type { Clock } from '../../common/clock.js';
import type { DatabaseCheck } from '../contract/database-check.contract.js';
import type { PlanStore } from '../contract/plan-store.contract.js';
import type { RunAdmin } from '../contract/run-admin.contract.js';
import type { RunInspector } from '../contract/run-facts.contract.js';
import type { RunRepair } from '../contract/run-repair.contract.js';
import type { RunStore } from '../contract/run-store.contract.js';
import type { SchemaManager } from '../contract/schema-manager.contract.js';
import type { Storage } from '../contract/storage.contract.js';
import type { Vitals } from '../contract/vitals.contract.js';
import type { WakeupChannel } from '../contract/wakeup-channel.contract.js';
import type { WorkerStore } from '../contract/worker-store.contract.js';
import { CallerTransactions } from './caller-transactions.js';
import { guardApplicationPool } from './connection/application-pool.js';
import { CheckpointConnections } from './connection/checkpoint-connections.js';
import { ControlConnection } from './connection/control-connection.js';
import { EngineClient } from './connection/engine-client.js';
import { engineConnectionConfig } from './connection/engine-connection-config.js';
import { EnginePool } from './connection/engine-pool.js';
import { SpareConnections } from './connection/spare-connections.js';
import { assertEntities, useSchema } from './entities/entity-schema.js';
import { PostgresDatabaseCheck } from './postgres-database-check.js';
import { PostgresPlanStore } from './postgres-plan-store.js';
import { PostgresRunAdmin } from './postgres-run-admin.js';
import { PostgresRunInspector } from './postgres-run-inspector.js';
import { PostgresRunRepair } from './postgres-run-repair.js';
import { PostgresRunStore } from './postgres-run-store.js';
import { PostgresVitals } from './postgres-vitals.js';
import { PostgresWakeupChannel } from './postgres-wakeup-channel.js';
import { PostgresWorkerStore } from './postgres-worker-store.js';
import { RunOrders } from './run-orders.js';
import { PostgresSchemaManager } from './schema-manager.js';
import { quoteIdentifier } from './sql/sql-identifier.js';

export interface PostgresStorageOptions {
  readonly dataSource: DataSource;
  readonly dataSourceName: string | undefined;
  readonly schema: string;
  readonly clock: Clock;
  readonly onNewerSchema: (migrations: readonly string[]) => void;
}

/**
 * Checkpoint connections. With one, the next batch gathers while the last is written; the second uses the server's other
 * core. More only make the batches smaller; see docs/performance.md.
 */
const LANES = 2;
/** No statement of the engine takes near this; one that does is stuck, and its outcome is better found out anew. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** Heartbeats must fail early enough to be repeated within a lease. */
const CONTROL_TIMEOUT_MS = 4_000;
/** A purge of large runs may take its time. */
const ADMIN_TIMEOUT_MS = 60_000;

/**
 * Everything that is stored, on one PostgreSQL. The engine's connections are its own, opened when they are first used:
 * one for control, two for checkpoints and one more once children end, up to three for starts, claims, signals and orders, one
 * for operators' questions that go through many runs. Those on which the database was looked at become the first of them.
 */
export class PostgresStorage implements Storage {
  readonly runs: RunStore;
  readonly workers: WorkerStore;
  readonly admin: RunAdmin;
  readonly plans: PlanStore;
  readonly repair: RunRepair;
  readonly inspector: RunInspector;
  readonly vitals: Vitals;
  readonly channel: WakeupChannel;
  readonly schema: SchemaManager;
  readonly check: DatabaseCheck;
  private readonly connections: readonly { close(): Promise<void> }[];

  /** @throws EntitiesMissingError when the DataSource does not know the package's entities. */
  constructor({ dataSource, dataSourceName, schema, clock, onNewerSchema }: PostgresStorageOptions) {
    assertEntities(dataSource, dataSourceName);
    useSchema(dataSource, schema);
    guardApplicationPool(dataSource);
    const config = engineConnectionConfig(dataSource);
    const quoted = quoteIdentifier(schema);
    const spares = new SpareConnections();
    const control = new ControlConnection(config, { statementTimeoutMs: CONTROL_TIMEOUT_MS, spares });
    const pool = new EnginePool(config, { role: 'pool', statementTimeoutMs: STATEMENT_TIMEOUT_MS, spares });
    // Which index finds the runs of a filter follows from its values.
    const admin = new EnginePool(config, { role: 'admin', statementTimeoutMs: ADMIN_TIMEOUT_MS, plans: 'auto' }, 1);
    const writer = (number: number): EngineClient =>
      new EngineClient(config, { role: `checkpoint-${number}`, statementTimeoutMs: STATEMENT_TIMEOUT_MS });
    const lanes = Array.from({ length: LANES }, (_, lane) => writer(lane));
    const checkpoints = new CheckpointConnections(lanes, writer(LANES));
    const callers = new CallerTransactions(dataSource);
    this.runs = new PostgresRunStore({ pool, checkpoints, dataSource, callers }, quoted, clock);
    this.workers = new PostgresWorkerStore(control, quoted, clock);
    const orders = new RunOrders(pool.patient, quoted, clock);
    this.admin = new PostgresRunAdmin({ pool, admin }, quoted, clock, callers);
    this.repair = new PostgresRunRepair(pool.patient, quoted, clock);
    this.inspector = new PostgresRunInspector(admin, quoted, clock);
    this.vitals = new PostgresVitals(pool, quoted, clock);
    this.plans = new PostgresPlanStore({ pool, admin, orders }, quoted, clock);
    this.channel = new PostgresWakeupChannel(control, pool, schema);
    this.schema = new PostgresSchemaManager(config, { schema, onNewer: onNewerSchema, spares });
    this.check = new PostgresDatabaseCheck(config, spares);
    this.connections = [checkpoints, pool, admin, control, spares];
  }

  /** Closes every connection of the engine. May be called twice. */
  async close(): Promise<void> {
    this.channel.close();
    await Promise.all(this.connections.map((connection) => connection.close()));
  }
}
