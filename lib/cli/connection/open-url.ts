import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
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
  const app = await NestFactory.createApplicationContext(
    {
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
    },
    { logger: false, abortOnError: false },
  );
  return contextOf(app, false);
}
