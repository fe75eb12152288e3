import pg from 'pg';

/** Drops what the run created, and stops the server if the run started it. */
export default async function tearDown() {
  const { url, prefix, stop } = globalThis.durableTestServer;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [prefix]);
  for (const { datname } of rows) await client.query(`drop database if exists "${datname}" with (force)`);
  await client.end();
  await stop();
}
