import { eventually } from '../eventually.js';

/** Whatever sends a statement to the server. */
interface Observer {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly { readonly pid: number }[] }>;
}

/** The sessions of whoever gives orders to runs. */
export const OF_ADMIN = `datname = current_database() and application_name like 'nest-durable:admin%'`;

/**
 * Ends sessions of the server, and resolves when they are gone; from PostgreSQL 14 on, `pg_terminate_backend` could wait itself.
 *
 * @param which those that this says of `pg_stat_activity`.
 */
export async function endSessions(observer: Observer, which: string, values: unknown[] = []): Promise<void> {
  const { rows } = await observer.query(
    `select pid, pg_terminate_backend(pid) from pg_stat_activity where ${which}`,
    values,
  );
  const pids = rows.map(({ pid }) => pid);
  await eventually('the sessions to end', async () => {
    const { rows: left } = await observer.query('select pid from pg_stat_activity where pid = any ($1)', [pids]);
    return left.length === 0;
  });
}
