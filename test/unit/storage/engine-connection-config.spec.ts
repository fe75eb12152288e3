/** Covers: how the engine's connections are derived from the application's DataSource. */
import { DataSource } from 'typeorm';
import { engineConnectionConfig } from '../../../lib/storage/postgres/connection/engine-connection-config.js';

function configOf(options: object): Record<string, unknown> {
  const dataSource = new DataSource({ type: 'postgres', ...options });
  const config = engineConnectionConfig(dataSource) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

describe('engineConnectionConfig', () => {
  it('hands a url over as it is', () => {
    expect(configOf({ url: 'postgres://u:p@db:5433/app?sslmode=require' })).toEqual({
      connectionString: 'postgres://u:p@db:5433/app?sslmode=require',
    });
  });

  it('takes the single fields, ssl and a function as password', () => {
    const password = async (): Promise<string> => 'token';
    const ssl = { rejectUnauthorized: false };

    expect(
      configOf({ host: 'db', port: 5433, username: 'u', password, database: 'app', ssl, connectTimeoutMS: 700 }),
    ).toEqual({ host: 'db', port: 5433, user: 'u', password, database: 'app', ssl, connectionTimeoutMillis: 700 });
  });

  it('uses the master of a replicated DataSource', () => {
    const replication = {
      master: { host: 'primary', username: 'u', database: 'app' },
      slaves: [{ host: 'standby', username: 'u', database: 'app' }],
    };

    expect(configOf({ replication })).toEqual({ host: 'primary', user: 'u', database: 'app' });
  });

  it('takes what extra says about the connection, and leaves out what it says about the pool and timeouts', () => {
    const extra = {
      max: 50,
      query_timeout: 10,
      statement_timeout: 10,
      binary: true,
      options: '-c search_path=x',
      host: 'z',
    };

    expect(configOf({ host: 'db', extra })).toEqual({ host: 'z', options: '-c search_path=x' });
  });
});
