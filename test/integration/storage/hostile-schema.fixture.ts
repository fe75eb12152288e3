/**
 * A schema with a hostile name on a database of the spec's own, what reads and orders runs in it at a time that stands
 * still, and rows as the engine leaves them. Emptied after each test.
 */
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { SystemClock, type Clock } from '../../../lib/common/clock.js';
import { CallerTransactions } from '../../../lib/storage/postgres/caller-transactions.js';
import { EnginePool } from '../../../lib/storage/postgres/connection/engine-pool.js';
import { durableMigrationSql } from '../../../lib/storage/postgres/migrations/durable-migration-sql.js';
import { PostgresPlanStore } from '../../../lib/storage/postgres/postgres-plan-store.js';
import { PostgresRunAdmin } from '../../../lib/storage/postgres/postgres-run-admin.js';
import { PostgresRunRepair } from '../../../lib/storage/postgres/postgres-run-repair.js';
import { RunOrders } from '../../../lib/storage/postgres/run-orders.js';
import { quoteIdentifier } from '../../../lib/storage/postgres/sql/sql-identifier.js';
import { RunRows } from '../../support/run-rows.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const HOSTILE = `a"b'c $1 🦆`;
/** Quoted. */
export const schema = quoteIdentifier(HOSTILE);
export const NOW = new Date('2030-06-01T12:00:00.000Z');
/** The database is to use this time. */
const stopped: Clock = Object.assign(new SystemClock(), { fixed: () => NOW });
/** No order is given inside a transaction of the application. */
export const callers = new CallerTransactions({ subscribers: [] } as unknown as DataSource);

export let database: TestDatabase;
export let client: Client;
export let pool: EnginePool;
export let admin: PostgresRunAdmin;
export let plans: PostgresPlanStore;
export let repair: PostgresRunRepair;
export let rows: RunRows;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(durableMigrationSql({ schema: HOSTILE }));
  pool = new EnginePool({ connectionString: database.url }, { role: 'admin', statementTimeoutMs: 5_000 });
  admin = new PostgresRunAdmin({ pool, admin: pool }, schema, stopped, callers);
  plans = new PostgresPlanStore(
    { pool, admin: pool, orders: new RunOrders(pool.patient, schema, stopped) },
    schema,
    stopped,
  );
  repair = new PostgresRunRepair(pool.patient, schema, stopped);
  rows = new RunRows(client, schema, NOW);
});

afterEach(() => rows.clear());

afterAll(async () => {
  await pool.close();
  await client.end();
  await database.drop();
});
