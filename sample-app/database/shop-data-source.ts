import { DataSource, type DataSourceOptions } from 'typeorm';

/** Any constant does, as long as every process of the shop uses it: "shop" in ASCII. */
const MIGRATION_LOCK = 0x73_68_6f_70;

/**
 * Opens the application's DataSource and brings the shop's tables up to date. Several processes may start at once on an
 * empty database: TypeORM's migrations know no lock, so one is held around them, and the others find nothing to do.
 */
export async function createShopDataSource(options?: DataSourceOptions): Promise<DataSource> {
  if (options === undefined) throw new Error('TypeOrmModule passes the options of forRootAsync');
  const dataSource = await new DataSource(options).initialize();
  try {
    await migrateOnce(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return dataSource;
}

async function migrateOnce(dataSource: DataSource): Promise<void> {
  const guard = dataSource.createQueryRunner();
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await guard.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    await guard.release();
  }
}
