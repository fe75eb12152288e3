import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { DurableModule } from '../../durable.module.js';
import type { CliContext } from './cli-context.js';
import type { DatabaseAddress } from './connection-options.js';
import { contextOf } from './context-of.js';
import { driverOptions } from '../../storage/postgres/connection/driver-options.js';

@Module({})
class DatabaseOnlyModule {}

/**
 * A module without any code of an application: everything that the database alone can answer.
 *
 * @throws the driver's error when the database cannot be reached; SchemaBehindError.
 */
export async function openUrl({ url, schema }: DatabaseAddress): Promise<CliContext> {
  let opened: DataSource | undefined;
  const databaseOnly = {
    module: DatabaseOnlyModule,
    imports: [
      TypeOrmModule.forRoot({
        ...driverOptions(url),
        autoLoadEntities: true,
        // People wait in front of it: what is not there now is said now.
        retryAttempts: 1,
        poolSize: 1,
      }),
      DurableModule.forRoot({ schema, worker: false, migrate: false, allowUnsafeDurability: true }),
    ],
    providers: [
      {
        provide: 'OPENED',
        inject: [getDataSourceToken()],
        useFactory: (dataSource: DataSource) => (opened = dataSource),
      },
    ],
  };
  try {
    return contextOf(
      await NestFactory.createApplicationContext(databaseOnly, { logger: false, abortOnError: false }),
      false,
    );
  } catch (error) {
    // Nest closes nothing of an application that did not start, and an idle connection stays open for ten seconds.
    if (opened?.isInitialized) await opened.destroy();
    throw error;
  }
}
