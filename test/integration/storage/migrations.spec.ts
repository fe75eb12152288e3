/**
 * Covers: the three ways to bring a schema up to date, on empty databases. The tables that come out of it are held by
 * schema-snapshot.spec.ts; what is refused without a database by test/unit/storage/durable-migration-sql.spec.ts.
 */
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { DatabaseUnsupportedError } from '../../../lib/errors/index.js';
import { durableMigration, DurableMigration } from '../../../lib/storage/postgres/migrations/durable-migration.js';
import { durableMigrationSql } from '../../../lib/storage/postgres/migrations/durable-migration-sql.js';
import { PostgresSchemaManager } from '../../../lib/storage/postgres/schema-manager.js';
import { schemaShape } from '../../support/schema-shape.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const HOSTILE = `a"b'c $1 $durable$ \\ %s 🦆;--`;

let database: TestDatabase;
let client: Client;
let shape: string;

beforeAll(async () => {
  const model = await createTestDatabase();
  const inside = new Client({ connectionString: model.url });
  await inside.connect();
  shape = await schemaShape(inside, 'durable');
  await inside.end();
  await model.drop();
});

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await database.drop();
});

interface ManagerOptions {
  readonly schema?: string;
  readonly onNewer?: (names: readonly string[]) => void;
  /** Whose rights count, instead of those of the test's own role. */
  readonly role?: string;
}

function manager({ schema = 'durable', onNewer, role }: ManagerOptions = {}): PostgresSchemaManager {
  const config = { connectionString: database.url, options: role ? `-c role=${role}` : undefined };
  return new PostgresSchemaManager(config, { schema, onNewer });
}

/** Runs `work` with a role that may do nothing yet. Roles belong to the server, so its name is that of the database. */
async function withRole(work: (role: string) => Promise<void>): Promise<void> {
  const role = `${database.name}_role`;
  await client.query(`create role ${role}`);
  try {
    await work(role);
  } finally {
    await client.query(`drop owned by ${role}; drop role ${role}`);
  }
}

/** The shape says the schema's name in its indexes. */
function named(schema: string): string {
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  return shape.replaceAll(' durable.', ` ${/^[a-z]+$/.test(schema) ? schema : quoted}.`);
}

async function recorded(schema = 'durable'): Promise<string[]> {
  const quoted = client.escapeIdentifier(schema);
  return (await client.query<{ name: string }>(`select name from ${quoted}.migration`)).rows.map((row) => row.name);
}

describe('PostgresSchemaManager', () => {
  it('creates the schema and says what it applied', async () => {
    expect(await manager().pending()).toEqual(['001-initial']);
    expect(await manager().migrate()).toEqual(['001-initial']);

    expect(await manager().pending()).toEqual([]);
    expect(await manager().migrate()).toEqual([]);
    expect(await schemaShape(client, 'durable')).toBe(shape);
  });

  it('migrates once when ten processes boot together', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => manager().migrate()));

    expect(results.flat()).toEqual(['001-initial']);
    expect(await recorded()).toEqual(['001-initial']);
    expect(await schemaShape(client, 'durable')).toBe(shape);
  });

  it('takes any name for a schema, and keeps schemas apart', async () => {
    await manager({ schema: HOSTILE }).migrate();
    await manager({ schema: 'other' }).migrate();

    expect(await schemaShape(client, HOSTILE)).toBe(named(HOSTILE));
    expect(await schemaShape(client, 'other')).toBe(named('other'));
    expect(await manager().pending()).toEqual(['001-initial']);
  });

  it('uses a schema that an administrator created, without the right to create one', async () => {
    await withRole(async (role) => {
      await client.query(`create schema durable authorization ${role}`);

      expect(await manager({ role }).migrate()).toEqual(['001-initial']);
    });
  });

  it('says what to do when its role may not create the schema, or not read it', async () => {
    await withRole(async (role) => {
      const refused = await manager({ role })
        .migrate()
        .catch((error: unknown) => error);
      await manager().migrate();
      const unread = await manager({ role })
        .pending()
        .catch((error: unknown) => error);

      expect(refused).toBeInstanceOf(DatabaseUnsupportedError);
      expect((refused as Error).message).toBe(
        `nest-durable cannot use this database: its role may not migrate schema "durable" (permission denied for database ${database.name}). ` +
          'Grant it CREATE on the database, or run the SQL of durableMigrationSql() as a role that may and set migrate: false.',
      );
      expect((unread as Error).message).toBe(
        'nest-durable cannot use this database: its role may not read schema "durable" (permission denied for schema durable). ' +
          'Grant it USAGE on the schema, and SELECT, INSERT, UPDATE and DELETE on all of its tables.',
      );
    });
  });

  it('leaves nothing behind when a migration fails', async () => {
    await client.query('create schema durable; create table durable.worker ()');

    await expect(manager().migrate()).rejects.toThrow('relation "worker" already exists');

    expect(await schemaShape(client, 'durable')).toBe('table worker\n');
  });

  it('accepts a schema that a newer version migrated, and says so', async () => {
    await manager().migrate();
    await client.query(`insert into durable.migration (name) values ('999-later')`);
    const notes: (readonly string[])[] = [];
    const older = manager({ onNewer: (names) => notes.push(names) });

    expect(await older.pending()).toEqual([]);
    expect(await older.migrate()).toEqual([]);
    expect(notes).toEqual([['999-later'], ['999-later']]);
  });
});

describe('durableMigrationSql', () => {
  it.each(['durable', HOSTILE])('makes the same tables in schema %s, and records it', async (schema) => {
    await client.query(durableMigrationSql({ schema }));

    expect(await schemaShape(client, schema)).toBe(named(schema));
    expect(await recorded(schema)).toEqual(['001-initial']);
    expect(await manager({ schema }).pending()).toEqual([]);
  });

  it('may be run again, within a transaction of the tool, and beside a process that migrates', async () => {
    await client.query(`begin; ${durableMigrationSql()} rollback`);
    expect(await manager().pending()).toEqual(['001-initial']);

    await Promise.all([client.query(durableMigrationSql()), manager().migrate()]);
    await client.query(durableMigrationSql());

    expect(await recorded()).toEqual(['001-initial']);
  });
});

describe('DurableMigration', () => {
  async function withDataSource(migrations: (new () => object)[], work: (dataSource: DataSource) => Promise<void>) {
    const dataSource = new DataSource({ type: 'postgres', url: database.url, migrations, logging: false });
    await dataSource.initialize();
    try {
      await work(dataSource);
    } finally {
      await dataSource.destroy();
    }
  }

  it("brings the schema up to date as one of the application's own migrations", async () => {
    class CreateOrders1700000000000 {
      async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
        await runner.query('create table orders (id int)');
      }
      async down(): Promise<void> {}
    }
    await withDataSource([CreateOrders1700000000000, DurableMigration], async (dataSource) => {
      const ran = await dataSource.runMigrations();

      expect(ran.map((migration) => migration.name)).toEqual([
        'CreateOrders1700000000000',
        new DurableMigration().name,
      ]);
      expect(await dataSource.showMigrations()).toBe(false);
    });

    expect(await schemaShape(client, 'durable')).toBe(shape);
    expect(await manager().pending()).toEqual([]);
  });

  it('works for another schema, and beside tables that are there already', async () => {
    await manager({ schema: HOSTILE }).migrate();

    await withDataSource([durableMigration({ schema: HOSTILE })], async (dataSource) => {
      await dataSource.runMigrations();
    });

    expect(await recorded(HOSTILE)).toEqual(['001-initial']);
  });

  it('takes the latest migration back, and applies it again', async () => {
    await withDataSource([DurableMigration], async (dataSource) => {
      await dataSource.runMigrations();
      await dataSource.undoLastMigration();
      expect(await manager().pending()).toEqual(['001-initial']);
      expect(await schemaShape(client, 'durable')).toMatch(/^table migration\n/);

      await dataSource.runMigrations();
      expect(await schemaShape(client, 'durable')).toBe(shape);
    });
  });
});
