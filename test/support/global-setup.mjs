import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startLocalPostgres } from '../../sample-app/local-postgres.mjs';
import { startSessionKeeper } from './sessions/session-keeper.mjs';

/**
 * Makes sure of a PostgreSQL for the run: the one of `DATABASE_URL`, else a throw-away server. Every database that the
 * run creates there carries one prefix, and the teardown drops them all. The spec files clone a template, which the first
 * of them migrates (see test-database.ts): this file is plain JavaScript and cannot load the library.
 *
 * Before a server of our own stands a keeper of sessions, for tests that do not mind who had theirs before.
 */
export default async function setUp() {
  const server = process.env.DATABASE_URL ? null : await startLocalPostgres();
  const url = process.env.DATABASE_URL ?? server.url;
  const prefix = `durable_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database "${prefix}_template" template template0 encoding 'UTF8'`);
  await client.end();
  const keeper = server && (await startSessionKeeper(url));
  process.env.DURABLE_TEST_SERVER = url;
  process.env.DURABLE_TEST_SESSIONS = keeper?.url ?? url;
  process.env.DURABLE_TEST_PREFIX = prefix;
  globalThis.durableTestServer = {
    url,
    prefix,
    stop: async () => {
      await keeper?.stop();
      await server?.stop();
    },
  };
}
