import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DurableModule, DurableRunner } from '../../../lib/index.js';
import { tell } from './channel.js';
import { deployWorkflows } from './deploy-workflows.js';
import { Gates } from './gates.js';
import { CRASH_APP_SETTINGS, Ledger } from './ledger.js';
import { LoadGenerator } from './load-generator.js';
import type { Command, Request } from './messages.js';
import { APPLICATION_POOL, SETTINGS_VARIABLE, type CrashAppSettings } from './settings.js';
import { WORKFLOWS } from './workflows.js';

/** The application that the crash tests start, stop and kill. */
@Module({})
class CrashApp {
  static register(settings: CrashAppSettings): DynamicModule {
    return {
      module: CrashApp,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: settings.url,
          autoLoadEntities: true,
          applicationName: APPLICATION_POOL,
          poolSize: settings.poolSize ?? 5,
          retryAttempts: 0,
        }),
        DurableModule.forRoot(settings.durable),
      ],
      providers: [
        { provide: CRASH_APP_SETTINGS, useValue: settings },
        ...[Ledger, Gates, LoadGenerator],
        ...(settings.code ? deployWorkflows(settings.code) : WORKFLOWS),
      ],
    };
  }
}

async function start(): Promise<void> {
  // A test that is gone, kill -9 included, leaves nobody behind.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  const settings = JSON.parse(process.env[SETTINGS_VARIABLE]!) as CrashAppSettings;
  const app = await NestFactory.createApplicationContext(CrashApp.register(settings), { abortOnError: false });
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  const load = app.get(LoadGenerator);
  const runner = app.get(DurableRunner);
  const obey = async (command: Command): Promise<unknown> => {
    switch (command.command) {
      case 'start':
        return (await runner.startMany(command.workflow, command.inputs)).map((run) => run.id);
      case 'load':
        return load.begin(command.workflow, command.input, command.everyMs);
      case 'rest':
        return load.end();
    }
  };
  process.on('message', (request: Request) => {
    if (request.type === 'open') return app.get(Gates).open(request.runId, request.step);
    const { id } = request;
    void obey(request.command).then(
      (value) => tell({ type: 'answer', id, value, error: null }),
      (error: unknown) => tell({ type: 'answer', id, value: null, error: String(error) }),
    );
  });
  tell({ type: 'ready' });
}

start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
