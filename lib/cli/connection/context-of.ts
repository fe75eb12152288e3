import type { INestApplicationContext } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { DURABLE_OPTIONS } from '../../durable.constants.js';
import { DurableEngine } from '../../durable.engine.js';
import type { ResolvedDurableOptions } from '../../durable.options.js';
import { DurableRunner } from '../../runner/durable-runner.js';
import { engineConnectionConfig } from '../../storage/postgres/connection/engine-connection-config.js';
import { PostgresDatabaseSurvey } from '../../storage/postgres/postgres-database-survey.js';
import type { CliContext } from './cli-context.js';

/** @throws when no module of the application imports `DurableModule`. */
export function contextOf(app: INestApplicationContext, hasCode: boolean): CliContext {
  const anywhere = { strict: false };
  const options = app.get<ResolvedDurableOptions>(DURABLE_OPTIONS, anywhere);
  const dataSource = app.get<DataSource>(getDataSourceToken(options.dataSource), anywhere);
  const survey = new PostgresDatabaseSurvey(engineConnectionConfig(dataSource), options.schema);
  let closing: Promise<void> | undefined;
  return {
    app,
    runner: app.get(DurableRunner, anywhere),
    engine: app.get(DurableEngine, anywhere),
    survey,
    hasCode,
    close: () => (closing ??= Promise.all([survey.close(), app.close()]).then(() => undefined)),
  };
}
