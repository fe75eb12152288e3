import { eventually } from '../eventually.js';

/** Whatever sends a statement to the server. */
interface Observer {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly Record<string, any>[] }>;
}

/** The sessions of whoever gives orders to runs. */
export const OF_ADMIN = `datname = current_database() and application_name like 'nest-durable:admin%'`;

/**
 * Ends sessions of the server, and resolves when they are gone. From PostgreSQL 14 on the server itself waits for that, until the
 * process has ended; before, until it does not list them any more.
 *
 * @param which those that this says of `pg_stat_activity`.
 */
export async function endSessions(observer: Observer, which: string, values: unknown[] = []): Promise<void> {
  const { rows: servers } = await observer.query(
    `select current_setting('server_version_num')::int >= 140000 as waits`,
    [],
  );
  const end = servers[0].waits ? 'pg_terminate_backend(pid, 5000)' : 'pg_terminate_backend(pid)';
  const { rows } = await observer.query(`select pid, ${end} from pg_stat_activity where ${which}`, values);
  const pids = rows.map(({ pid }) => pid as number);
  await eventually('the sessions to end', async () => {
    const { rows: left } = await observer.query('select pid from pg_stat_activity where pid = any ($1)', [pids]);
    return left.length === 0;
  });
}
