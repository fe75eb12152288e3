import { escapeLiteral } from 'pg';
import { assertSchemaName } from '../../../common/names.js';
import { InvalidOptionError } from '../../../errors/index.js';
import { DEFAULT_SCHEMA } from '../default-schema.js';
import { dollarQuote } from '../sql/dollar-quote.js';
import { quoteIdentifier } from '../sql/sql-identifier.js';
import { JOURNAL_PARTS } from './journal-parts.js';

/** What a role of the database is for. */
export type DurableRole = 'migrator' | 'worker' | 'reader' | 'operator';

export interface DurableRolesSqlOptions {
  /** @default 'durable' */
  readonly schema?: string;
  /**
   * Names of the roles in the database, at most 63 bytes each.
   *
   * @default durable_migrator, durable_worker, durable_reader, durable_operator
   */
  readonly roles?: Partial<Readonly<Record<DurableRole, string>>>;
}

const ROLES: readonly DurableRole[] = ['migrator', 'worker', 'reader', 'operator'];
/** Roles that write. */
export type TableRole = Exclude<DurableRole, 'migrator' | 'reader'>;

/**
 * What each role may do to a table beside reading it, which all may. What journal rows, attempts and orders say never
 * changes: there is no right to update it. An operator's `migrate` gives units the names that they have in another version, and
 * what deletes is an operator's `purge`, and `retry` from an earlier node.
 */
const RIGHTS: Readonly<Record<string, Readonly<Record<TableRole, string>>>> = {
  run: { worker: 'insert', operator: 'delete, update (parent_key)' },
  journal: { worker: 'insert', operator: 'insert, delete, update (key)' },
  // The rights of the journal are enough for what goes through it.
  ...Object.fromEntries(JOURNAL_PARTS.map((part) => [part, { worker: '', operator: '' }])),
  journal_archive: { worker: '', operator: 'insert, delete' },
  attempt: { worker: 'insert', operator: 'delete, update (key)' },
  progress: { worker: 'insert, update', operator: 'delete, update (key)' },
  signal: { worker: 'insert, update (consumed_by)', operator: 'insert, delete' },
  worker: { worker: 'insert, update, delete', operator: 'delete' },
  definition: { worker: 'insert', operator: '' },
  operation: { worker: 'insert', operator: 'insert, delete' },
  pause: { worker: '', operator: 'insert, delete' },
  migration: { worker: '', operator: '' },
};

/** What a run was started with. Every other column of its row belongs to those who move it, workers and operators. */
const FIXED_RUN_COLUMNS = [
  'id',
  'workflow',
  'queue',
  'priority',
  'idempotency_key',
  'parent_id',
  'parent_key',
  'parent_close',
  'created_at',
  'tags',
  'input',
];

/**
 * The SQL that makes four roles without a login and gives each what it needs in the schema, and no more:
 *
 * | role | for | may |
 * |---|---|---|
 * | migrator | the job that migrates | own the schema and its tables, create and alter them |
 * | worker | the application: starts runs, executes them, signals, cancels | write all that, delete and rewrite nothing |
 * | reader | screens and reports | read |
 * | operator | who retries, repairs, pauses, purges | that; start no run, register no workflow |
 *
 * Grant them to the users that your processes log in as. A process may have several.
 *
 * Run it before the first migration, and again after every one: new tables and columns get their rights then. It is one
 * statement, which takes away rights that these roles were given elsewhere in the schema and moves tables of the package
 * that belong to somebody else to the migrator. It needs CREATEROLE and, where the schema is there already, its owner.
 *
 * @throws InvalidNameError when the schema's name cannot be one.
 * @throws InvalidOptionError when a role's name cannot be one, or two are the same.
 *
 * @example
 * ```sh
 * node -e "import('nest-durable').then((m) => console.log(m.durableRolesSql()))" | psql "$ADMIN_DATABASE_URL"
 * psql "$ADMIN_DATABASE_URL" -c 'grant durable_worker to shop'
 * ```
 */
export function durableRolesSql(options: DurableRolesSqlOptions = {}): string {
  const schema = options.schema ?? DEFAULT_SCHEMA;
  assertSchemaName(schema);
  const names = roleNames(options.roles);
  const body = [
    'declare',
    'columns text;',
    'begin',
    ...ROLES.map((role) => createRole(names[role])),
    becomeMember(names.migrator),
    createSchema(schema, names),
    ...Object.entries(RIGHTS).map(([table, rights]) => grantTable(schema, table, rights, names)),
    'end',
  ].join('\n');
  return `-- nest-durable: roles with the least rights. One statement; safe to run again.\ndo ${dollarQuote(body)};\n`;
}

/** The privileges on a table that a role needs beside SELECT, e.g. `['INSERT', 'UPDATE']`; of columns or of the table. */
export function privilegesOf(role: TableRole, table: string): readonly string[] {
  const granted = RIGHTS[table]?.[role] ?? '';
  const words =
    granted
      .replace(/\(.*?\)/g, '')
      .toUpperCase()
      .match(/\w+/g) ?? [];
  return table === 'run' ? [...new Set([...words, 'UPDATE'])] : words;
}

function roleNames(given: DurableRolesSqlOptions['roles'] = {}): Record<DurableRole, string> {
  const names = Object.fromEntries(ROLES.map((role) => [role, given[role] ?? `durable_${role}`]));
  for (const [role, name] of Object.entries(names)) {
    try {
      assertSchemaName(name);
    } catch (cause) {
      throw new InvalidOptionError(`roles.${role}`, name, 'a name of at most 63 bytes that PostgreSQL does not keep', {
        cause,
      });
    }
    if (Object.values(names).filter((other) => other === name).length > 1) {
      throw new InvalidOptionError(`roles.${role}`, name, 'a name that no other of the roles has');
    }
  }
  return names as Record<DurableRole, string>;
}

function createRole(name: string): string {
  return `if not exists (select from pg_catalog.pg_roles where rolname = ${escapeLiteral(name)}) then
create role ${quoteIdentifier(name)} nologin;
end if;
execute format('grant connect on database %I to %s', current_database(), ${escapeLiteral(quoteIdentifier(name))});`;
}

/** Who gives a table to another role has to belong to it, unless it may do anything. */
function becomeMember(migrator: string): string {
  return `if not pg_has_role(current_user, ${escapeLiteral(migrator)}, 'member') then
execute format('grant %s to %I', ${escapeLiteral(quoteIdentifier(migrator))}, current_user);
end if;`;
}

function createSchema(schema: string, names: Readonly<Record<DurableRole, string>>): string {
  const quoted = quoteIdentifier(schema);
  const migrator = quoteIdentifier(names.migrator);
  const others = otherRoles(names);
  return `if not exists (select from pg_catalog.pg_namespace where nspname = ${escapeLiteral(schema)}) then
create schema ${quoted} authorization ${migrator};
end if;
alter schema ${quoted} owner to ${migrator};
revoke all on schema ${quoted} from public, ${others};
grant usage on schema ${quoted} to ${others};
alter default privileges for role ${migrator} in schema ${quoted} grant select on tables to ${others};`;
}

function grantTable(
  schema: string,
  table: string,
  rights: Readonly<Record<TableRole, string>>,
  names: Readonly<Record<DurableRole, string>>,
): string {
  const target = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  const others = otherRoles(names);
  const grants = (['worker', 'operator'] as const)
    .filter((role) => rights[role] !== '')
    .map((role) => `grant ${rights[role]} on ${target} to ${quoteIdentifier(names[role])};`);
  return [
    `if to_regclass(${escapeLiteral(target)}) is not null then`,
    `alter table ${target} owner to ${quoteIdentifier(names.migrator)};`,
    `revoke all on ${target} from public, ${others};`,
    `grant select on ${target} to ${others};`,
    ...grants,
    ...(table === 'run' ? [grantRunColumns(target, names)] : []),
    'end if;',
  ].join('\n');
}

function grantRunColumns(run: string, names: Readonly<Record<DurableRole, string>>): string {
  const movers = [names.worker, names.operator].map(quoteIdentifier).join(', ');
  return `select string_agg(quote_ident(attname), ', ' order by attnum) into columns from pg_catalog.pg_attribute
 where attrelid = ${escapeLiteral(run)}::regclass and attnum > 0 and not attisdropped
   and attname <> all (array[${FIXED_RUN_COLUMNS.map((column) => escapeLiteral(column)).join(', ')}]);
execute format('grant update (%s) on %s to %s', columns, ${escapeLiteral(run)}, ${escapeLiteral(movers)});`;
}

function otherRoles(names: Readonly<Record<DurableRole, string>>): string {
  return [names.worker, names.reader, names.operator].map(quoteIdentifier).join(', ');
}
