import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startLocalPostgres } from '../local-postgres.mjs';

export interface DemoDatabase {
  readonly url: string;
  /** Where it is, for people. */
  readonly description: string;
  /** Leaves nothing behind. */
  drop(): Promise<void>;
}

/** A database of the demo's own: on the server of `DATABASE_URL`, else on a PostgreSQL that ends with this process. */
export async function createDemoDatabase(): Promise<DemoDatabase> {
  const given = process.env.DATABASE_URL;
  if (given) return createOn(given, `the server of DATABASE_URL`, async () => {});
  const server = await startLocalPostgres();
  try {
    return await createOn(server.url, `a throw-away server on port ${server.port}`, () => server.stop());
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function createOn(serverUrl: string, place: string, stop: () => Promise<void>): Promise<DemoDatabase> {
  const name = `shop_demo_${randomBytes(5).toString('hex')}`;
  const version = await withClient(serverUrl, async (client) => {
    await client.query(`create database "${name}" template template0 encoding 'UTF8'`).catch(explainRefusal);
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0].server_version.split(' ')[0];
  });
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const drop = async (): Promise<void> => {
    await withClient(serverUrl, (client) => client.query(`drop database if exists "${name}" with (force)`));
    await stop();
  };
  return { url: url.href, description: `PostgreSQL ${version}, database ${name} on ${place}`, drop };
}

function explainRefusal(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(
    `the demo could not create a database of its own (${reason}): give the user of DATABASE_URL the CREATEDB right, or ` +
      `unset DATABASE_URL to run on a throw-away server`,
    { cause: error },
  );
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
