/** Covers: what is refused, and the script's form. What it does to a database: test/integration/storage/migrations.spec.ts. */
import { durableMigration, DurableMigration } from '../../../lib/storage/postgres/migrations/durable-migration.js';
import { durableMigrationSql } from '../../../lib/storage/postgres/migrations/durable-migration-sql.js';
import { allMigrations } from '../../../lib/storage/postgres/migrations/all-migrations.js';

describe('durableMigrationSql', () => {
  it('is one statement that names the schema, whatever it is called', () => {
    const script = durableMigrationSql({ schema: 'a "$durable$" b' });

    expect(script).toContain('do $durable1$\n');
    expect(script).toContain('create table "a ""$durable$"" b".run (');
    expect(script.trimEnd().endsWith('$durable1$;')).toBe(true);
  });

  it('leaves out what comes up to `from`', () => {
    expect(durableMigrationSql()).toContain('create table "durable".run (');
    expect(durableMigrationSql({ from: '001-initial' })).not.toContain('.run (');
  });

  it('refuses an unknown `from` and names that cannot be a schema', () => {
    expect(() => durableMigrationSql({ from: '999-nothing' })).toThrow(
      'durableMigrationSql: there is no migration "999-nothing"; known: 001-initial',
    );
    expect(() => durableMigrationSql({ schema: '' })).toThrow('schema name');
    expect(() => durableMigrationSql({ schema: 'x'.repeat(64) })).toThrow('schema name');
    expect(() => durableMigrationSql({ schema: 'pg_mine' })).toThrow('schema name');
  });
});

describe('durableMigration', () => {
  it('names itself as TypeORM demands: with a timestamp at the end, one name a schema', () => {
    const latest = String(allMigrations.at(-1)?.timestamp);

    expect(new DurableMigration().name).toBe(`DurableMigration${latest}`);
    expect(new (durableMigration({ schema: 'flows' }))().name).toBe(`DurableMigration:flows:${latest}`);
  });

  it('refuses a name that cannot be a schema', () => {
    expect(() => durableMigration({ schema: 'pg_mine' })).toThrow('schema name');
  });
});

it('lists migrations in the order of their numbers and times', () => {
  const names = allMigrations.map((migration) => migration.name);
  const times = allMigrations.map((migration) => migration.timestamp);

  expect(names).toEqual([...names].sort());
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
