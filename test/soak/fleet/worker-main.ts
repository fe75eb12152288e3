import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DurableModule, DurableRunner, isTerminal } from '../../../lib/index.js';
import { OutsideLedger } from '../ledger/outside-ledger.js';
import { BACKOFF_MS, buildWorkflow } from '../workload/build-workflow.js';
import { Deeds } from '../workload/deeds.js';
import { STUBBORN_ATTEMPTS } from '../workload/plan-spec.js';
import type { Vitals } from './aftermath.js';
import {
  APPLICATION_POOL,
  CONCURRENCY,
  LEASE_MS,
  MAX_DELIVERIES,
  SETTINGS_VARIABLE,
  SHUTDOWN_MS,
  type Command,
  type Message,
  type Request,
  type WorkerSettings,
} from './soak-settings.js';
import { Traps } from './traps.js';

const POOL_SIZE = 4;

@Module({})
class SoakWorker {
  static register({ url, code, plans }: WorkerSettings, deeds: Deeds): DynamicModule {
    const known = plans.filter((plan) => plan.version === 1 || code === 'second');
    return {
      module: SoakWorker,
      imports: [
        TypeOrmModule.forRoot({
          ...{ type: 'postgres', url, autoLoadEntities: true, applicationName: APPLICATION_POOL },
          ...{ poolSize: POOL_SIZE, retryAttempts: 0, connectTimeoutMS: 5_000 },
          // Idle connections are given back soon, so that what is left at the end is the engine's own.
          extra: { idleTimeoutMillis: 1_000 },
        }),
        DurableModule.forRoot({
          migrate: false,
          maxAttempts: MAX_DELIVERIES,
          retry: { maxAttempts: STUBBORN_ATTEMPTS, backoff: () => BACKOFF_MS / 1_000 },
          worker: { concurrency: CONCURRENCY, leaseDuration: LEASE_MS, shutdownTimeout: SHUTDOWN_MS },
        }),
      ],
      providers: known.map((plan, index) => ({ provide: `plan ${index}`, useValue: buildWorkflow(plan, code, deeds) })),
    };
  }
}

function tell(message: Message): void {
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
}

function vitals(): Vitals {
  (globalThis as { gc?: () => void }).gc?.();
  const resources = process.getActiveResourcesInfo();
  const count = (kind: string): number => resources.filter((resource) => resource === kind).length;
  return {
    sockets: count('TCPSocketWrap'),
    timers: count('Timeout'),
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
  };
}

async function obey(command: Command, runner: DurableRunner, ledger: OutsideLedger, traps: Traps): Promise<unknown> {
  switch (command.command) {
    case 'start': {
      const { workflow, version, input, key } = command;
      const { id } = await runner.start(workflow, input, { version, idempotencyKey: key });
      ledger.write({ event: 'started', at: Date.now(), run: id, key });
      return id;
    }
    case 'signal': {
      const { run, name, payload, id } = command;
      const { accepted, status } = await runner.signal(run, name, payload, { id });
      // A run that has ended keeps nothing.
      if (accepted || !isTerminal(status)) ledger.write({ event: 'signalled', at: Date.now(), run, key: id });
      return null;
    }
    case 'resume':
      await runner.resume(command.run, command.data);
      return null;
    case 'cancel':
      await runner.cancel(command.run, 'by the soak', { compensate: command.compensate });
      return null;
    case 'trap':
      traps.set(command.place);
      return null;
    case 'vitals':
      return vitals();
  }
}

async function start(): Promise<void> {
  // Whoever is left without its parent ends, as after a kill -9 of that.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  const settings = JSON.parse(process.env[SETTINGS_VARIABLE]!) as WorkerSettings;
  const ledger = new OutsideLedger(settings.ledger);
  const traps = new Traps(ledger);
  traps.watchTheStore();
  const app = await NestFactory.createApplicationContext(SoakWorker.register(settings, new Deeds(ledger, traps)), {
    ...{ abortOnError: false, logger: ['error', 'warn'] },
  });
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  const runner = app.get(DurableRunner);
  process.on('message', ({ id, command }: Request) => {
    void obey(command, runner, ledger, traps).then(
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
