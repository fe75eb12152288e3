import { withClient } from './bench-server.js';

const SCHEMA = 'durable';
/** Rows of one statement: long enough to be fast, short enough to be interrupted. */
const CHUNK = 50_000;

/**
 * Makes `count` copies of a run that the engine has written, journal included, and leaves tables and statistics as they
 * would be some time later. What is copied is whatever columns there are; ids are made in the order of time, as the
 * engine's are.
 *
 * @param where SQL that tells the run to copy.
 * @param after how many copies there are already.
 */
export async function copyRun(url: string, where: string, count: number, after = 0): Promise<void> {
  await withClient(url, async (client) => {
    const columns = async (table: string, key: string): Promise<string> => {
      const { rows } = await client.query<{ names: string }>(
        `select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as names from information_schema.columns
          where table_schema = $1 and table_name = $2 and column_name <> $3 and is_generated = 'NEVER'`,
        [SCHEMA, table, key],
      );
      return rows[0].names;
    };
    const run = await columns('run', 'id');
    const journal = await columns('journal', 'run_id');
    await client.query(`create function pg_temp.copy_id(n bigint) returns uuid immutable language sql as $$
      select (lpad(to_hex(1700000000000 + n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid $$`);
    await client.query(`create temporary table original as select * from ${SCHEMA}.run where ${where} limit 1`);
    for (let from = after; from < after + count; from += CHUNK) {
      const values = [from + 1, Math.min(from + CHUNK, after + count)];
      await client.query(
        `insert into ${SCHEMA}.run (id, ${run})
         select pg_temp.copy_id(n), ${run} from original, generate_series($1::bigint, $2::bigint) n`,
        values,
      );
      await client.query(
        `insert into ${SCHEMA}.journal (run_id, ${journal})
         select pg_temp.copy_id(n), ${journal} from generate_series($1::bigint, $2::bigint) n,
           lateral (select * from ${SCHEMA}.journal where run_id = (select id from original)) j`,
        values,
      );
    }
    await client.query(`vacuum (analyze) ${SCHEMA}.run`);
    await client.query(`vacuum (analyze) ${SCHEMA}.journal`);
    await client.query('checkpoint');
  });
}
