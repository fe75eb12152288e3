import type { Client } from 'pg';

const RELATIONS = `
select c.oid, c.relname as name, array_to_string(c.reloptions, ', ') as options,
       case when c.relispartition then ' ' || pg_get_expr(c.relpartbound, c.oid)
            when c.relkind = 'p' then ' by ' || pg_get_partkeydef(c.oid)
            else '' end as part
  from pg_class c where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'p')
 order by c.relname`;

const COLUMNS = `
select a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || case when a.attnotnull then ' not null' else '' end
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
 order by a.attnum`;

/** Not-null constraints are rows of pg_constraint from PostgreSQL 18 on; the columns say them already. */
const CONSTRAINTS = `
select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
  from pg_constraint where conrelid = $1 and contype <> 'n' order by conname`;

const INDEXES = `
select pg_get_indexdef(i.indexrelid) as line
  from pg_index i where i.indrelid = $1 and not exists (select from pg_constraint where conindid = i.indexrelid)
 order by (select relname from pg_class where oid = i.indexrelid)`;

interface Relation {
  readonly oid: number;
  readonly name: string;
  readonly options: string | null;
  /** What it is divided by, or which part it is. */
  readonly part: string;
}

/**
 * Describes every table of a schema from the catalogs: columns in order, constraints, indexes, parts, storage options. The text is
 * the same on every supported release of PostgreSQL, which a dump's is not.
 */
export async function schemaShape(client: Client, schema: string): Promise<string> {
  const { rows: tables } = await client.query<Relation>(RELATIONS, [schema]);
  const parts: string[] = [];
  for (const table of tables) {
    const lines = [`table ${table.name}${table.part}${table.options ? ` with (${table.options})` : ''}`];
    for (const query of [COLUMNS, CONSTRAINTS, INDEXES]) {
      const { rows } = await client.query<{ line: string }>(query, [table.oid]);
      lines.push(...rows.map(({ line }) => `  ${line}`));
    }
    parts.push(lines.join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}
