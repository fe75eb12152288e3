import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/**
 * Keeps the process alive when the server ends a connection of the application's pool in the moment in which it is
 * established. Between the pool's listener for errors, which ends there, and TypeORM's, which begins a few promises later,
 * nobody hears an error that came with the same packet, and an error that nobody hears ends the process. The connection is
 * of no use in any case, which its first statement says.
 */
export function guardApplicationPool(dataSource: Pick<DataSource, 'driver'>): void {
  const { master } = dataSource.driver as unknown as { readonly master?: Pool };
  master?.on('connect', (client) => client.on('error', () => undefined));
}
