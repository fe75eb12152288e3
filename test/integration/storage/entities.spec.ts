/** Covers: the entities against the real tables, in the default schema and in others. Reads of the engine: run-admin.spec.ts. */
import { Client } from 'pg';
import { DataSource, type DataSourceOptions, type EntityMetadata } from 'typeorm';
import { EntitiesMissingError } from '../../../lib/errors/index.js';
import { durableEntities } from '../../../lib/storage/postgres/entities/durable-entities.js';
import { assertEntities, useSchema } from '../../../lib/storage/postgres/entities/entity-schema.js';
import { JournalEntity } from '../../../lib/storage/postgres/entities/journal.entity.js';
import { RunEntity } from '../../../lib/storage/postgres/entities/run.entity.js';
import { WorkerEntity } from '../../../lib/storage/postgres/entities/worker.entity.js';
import { durableMigrationSql } from '../../../lib/storage/postgres/migrations/durable-migration-sql.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const HOSTILE = `a"b'c $1 🦆`;

let database: TestDatabase;
let sources: DataSource[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await Promise.all(sources.map((dataSource) => dataSource.destroy()));
  sources = [];
});

afterAll(() => database.drop());

async function dataSource(options: object = {}): Promise<DataSource> {
  const base = { type: 'postgres', url: database.url, entities: [...durableEntities], logging: false };
  const source = new DataSource({ ...base, ...options } as DataSourceOptions);
  await source.initialize();
  sources.push(source);
  return source;
}

/** `name type` and nullability of every column, as the catalogs say it. */
async function columnsOf(source: DataSource, table: string): Promise<string[]> {
  const rows: { line: string }[] = await source.query(
    `select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then '' else ' null' end as line
       from pg_attribute a
      where a.attrelid = ('durable.' || $1)::regclass and a.attnum > 0 and not a.attisdropped`,
    [table],
  );
  return rows.map((row) => row.line).sort();
}

function declaredColumns(source: DataSource, metadata: EntityMetadata): string[] {
  return metadata.columns
    .map((column) => {
      const type = source.driver.normalizeType(column) + (column.isArray ? '[]' : '');
      return `${column.databaseName} ${type}${column.isNullable ? ' null' : ''}`;
    })
    .sort();
}

it('declares every column of the tables, with its type, and no other', async () => {
  const source = await dataSource();

  for (const entity of durableEntities) {
    const metadata = source.getMetadata(entity);
    expect(declaredColumns(source, metadata)).toEqual(await columnsOf(source, metadata.tableName));
    const keys: { name: string }[] = await source.query(
      `select a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indisprimary and i.indrelid = ('durable.' || $1)::regclass`,
      [metadata.tableName],
    );
    expect(metadata.primaryColumns.map((column) => column.databaseName).sort()).toEqual(
      keys.map((key) => key.name).sort(),
    );
  }
});

it('has an entity for every table but that of the migrations', async () => {
  const source = await dataSource();
  const tables: { name: string }[] = await source.query(
    `select relname as name from pg_class
      where relnamespace = 'durable'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  );

  expect(durableEntities.map((entity) => source.getMetadata(entity).tableName).sort()).toEqual(
    tables
      .map((table) => table.name)
      .filter((name) => name !== 'migration')
      .sort(),
  );
});

describe('with a run', () => {
  const id = '0190f3a0-0000-7000-8000-000000000001';

  beforeAll(async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(durableMigrationSql({ schema: HOSTILE }));
    for (const [schema, workflow] of [
      ['durable', 'order'],
      [HOSTILE, 'shipment'],
    ]) {
      const quoted = client.escapeIdentifier(schema);
      await client.query(
        `insert into ${quoted}.run (id, workflow, version, plan_hash, status, queue, created_at, updated_at, input)
         values ($1, $2, 1, 'h', 'pending', 'durable', '2030-01-01T00:00:00Z', '2030-01-01T00:00:00Z', '{"b":1,"a":[null]}')`,
        [id, workflow],
      );
    }
    await client.query(
      `insert into durable.worker values
         ($1, 'w', 'durable', 'host', 1, '{order@1,"a, b@2"}', 100, 9007199254740993, now(), now(), now())`,
      [id],
    );
    await client.end();
  });

  it('lets the application query runs', async () => {
    const source = await dataSource();

    const run = await source.getRepository(RunEntity).findOneByOrFail({ id, status: 'pending' });
    const worker = await source.getRepository(WorkerEntity).findOneByOrFail({ id });

    expect(run).toMatchObject({
      workflow: 'order',
      input: { b: 1, a: [null] },
      createdAt: new Date('2030-01-01'),
      dueAt: null,
    });
    expect(worker).toMatchObject({ workflows: ['order@1', 'a, b@2'], lockKey: '9007199254740993' });
    expect(await source.getRepository(JournalEntity).countBy({ runId: id })).toBe(0);
  });

  it('is read from the schema that the DataSource was pointed at, and from no other', async () => {
    const elsewhere = await dataSource({ entityPrefix: 'app_' });
    const usual = await dataSource();
    useSchema(elsewhere, HOSTILE);
    useSchema(usual, 'durable');

    const workflowIn = async (source: DataSource): Promise<string[]> => {
      const repository = source.getRepository(RunEntity);
      const built = await repository
        .createQueryBuilder('r')
        .where('r.status = :status', { status: 'pending' })
        .getOne();
      return [(await repository.findOneByOrFail({ id })).workflow, String(built?.workflow)];
    };

    expect(await workflowIn(elsewhere)).toEqual(['shipment', 'shipment']);
    expect(await workflowIn(usual)).toEqual(['order', 'order']);
  });

  it('survives an application that synchronizes its own entities', async () => {
    const source = await dataSource({ synchronize: true });

    const built = await source.driver.createSchemaBuilder().log();
    expect(built.upQueries).toEqual([]);
    expect(await source.getRepository(RunEntity).existsBy({ id })).toBe(true);
  });
});

describe('assertEntities', () => {
  it('names what the DataSource does not know', async () => {
    const source = await dataSource({ entities: [RunEntity, JournalEntity] });

    expect(() => assertEntities(source, 'main')).toThrow(EntitiesMissingError);
    expect(() => assertEntities(source)).toThrow(
      'The default DataSource does not know the entities AttemptEntity, ProgressEntity, SignalEntity, WorkerEntity, DefinitionEntity, OperationEntity, JournalArchiveEntity, PauseEntity. ' +
        'Set autoLoadEntities: true in TypeOrmModule.forRoot, or add them: entities: [...durableEntities].',
    );
  });

  it('is content with all of them', async () => {
    const source = await dataSource();

    expect(() => assertEntities(source)).not.toThrow();
  });
});

it('refuses a schema with a dot, which TypeORM cannot address', async () => {
  const source = await dataSource();

  expect(() => useSchema(source, 'a.b')).toThrow('TypeORM cannot address one with a dot');
});
