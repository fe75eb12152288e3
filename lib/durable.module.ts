import {
  Logger,
  Module,
  type DynamicModule,
  type InjectionToken,
  type OptionalFactoryDependency,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { RedactingLogger } from './common/redacting-logger.js';
import { WorkflowRegistry } from './definition/workflow.registry.js';
import { WorkflowExplorer } from './discovery/workflow.explorer.js';
import { WorkflowMetadataAccessor } from './discovery/workflow-metadata.accessor.js';
import { DURABLE_MODULE_OPTIONS, DURABLE_OPTIONS } from './durable.constants.js';
import { DurableEngine } from './durable.engine.js';
import { EngineSigns } from './durable.engine-signs.js';
import { DurableLifecycle } from './durable.lifecycle.js';
import { resolveDurableOptions } from './durable-options.resolver.js';
import type { DurableModuleOptions, ResolvedDurableOptions } from './durable.options.js';
import { DurableEvents } from './observability/durable-events.js';
import { DurableHealth } from './observability/durable-health.js';
import { EventBus } from './observability/event-bus.js';
import { EventHandlerExplorer } from './observability/event-handler.explorer.js';
import { Telemetry } from './observability/telemetry.js';
import { VitalSigns } from './observability/vital-signs.js';
import { DurableRunner } from './runner/durable-runner.js';
import { durableEntities } from './storage/postgres/entities/durable-entities.js';
import { passwordsOf } from './storage/postgres/connection/engine-connection-config.js';
import { PostgresStorage, type PostgresStorageOptions } from './storage/postgres/postgres-storage.js';
import { InvalidOptionError } from './errors/index.js';

/** A class that makes the options, for `useClass` and `useExisting`. */
export interface DurableOptionsFactory {
  createDurableOptions(): DurableModuleOptions | Promise<DurableModuleOptions>;
}

/** One of `useFactory`, `useClass` and `useExisting` is required. */
export interface DurableModuleAsyncOptions {
  /** Name of the TypeORM DataSource; it has to be known before the factory runs. @default the default DataSource */
  dataSource?: string;
  /** Modules that provide what the factory injects. @default [] */
  imports?: DynamicModule['imports'];
  useFactory?: (...args: any[]) => DurableModuleOptions | Promise<DurableModuleOptions>;
  /** @default [] */
  inject?: (InjectionToken | OptionalFactoryDependency)[];
  useClass?: Type<DurableOptionsFactory>;
  useExisting?: Type<DurableOptionsFactory>;
}

/**
 * Durable execution in a Nest application. Import it once, in the root module; it is global.
 *
 * Workflows are ordinary providers of any module. At start the module finds them, brings the schema up to date, and begins
 * to execute runs, unless `worker` is false. With `app.enableShutdownHooks()` a SIGTERM lets running steps finish and
 * hands the rest to other workers.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL, autoLoadEntities: true }),
 *     DurableModule.forRoot({ worker: { concurrency: 200 } }),
 *   ],
 *   providers: [OrderWorkflow],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class DurableModule {
  /** @throws InvalidOptionError at once, naming the option and its value. */
  static forRoot(options: DurableModuleOptions = {}): DynamicModule {
    const resolved = resolveDurableOptions(options);
    return compose(resolved.dataSource, [], [{ provide: DURABLE_OPTIONS, useValue: resolved }]);
  }

  /** Like {@link forRoot}, with options that are made by other providers. */
  static forRootAsync(options: DurableModuleAsyncOptions): DynamicModule {
    const resolve: Provider = {
      provide: DURABLE_OPTIONS,
      inject: [DURABLE_MODULE_OPTIONS],
      useFactory: (made: DurableModuleOptions) => resolveAsync(made, options.dataSource),
    };
    return compose(options.dataSource, options.imports ?? [], [...optionProviders(options), resolve]);
  }
}

function compose(
  dataSource: string | undefined,
  imports: NonNullable<DynamicModule['imports']>,
  providers: Provider[],
): DynamicModule {
  return {
    module: DurableModule,
    global: true,
    imports: [DiscoveryModule, TypeOrmModule.forFeature([...durableEntities], dataSource), ...imports],
    providers: [
      ...providers,
      WorkflowRegistry,
      WorkflowMetadataAccessor,
      WorkflowExplorer,
      EventHandlerExplorer,
      { provide: Telemetry, inject: [DURABLE_OPTIONS], useFactory: createTelemetry },
      {
        provide: DurableEvents,
        inject: [Telemetry],
        useFactory: ({ events }: Telemetry) => new DurableEvents(events),
      },
      {
        provide: DurableEngine,
        inject: [
          DURABLE_OPTIONS,
          getDataSourceToken(dataSource),
          WorkflowRegistry,
          WorkflowExplorer,
          EventHandlerExplorer,
          Telemetry,
        ],
        useFactory: createEngine,
      },
      {
        provide: DurableRunner,
        inject: [DurableEngine],
        useFactory: (engine: DurableEngine) => new DurableRunner(engine),
      },
      { provide: VitalSigns, inject: [DurableEngine], useFactory: (engine: DurableEngine) => new EngineSigns(engine) },
      { provide: DurableHealth, inject: [VitalSigns], useFactory: (signs: VitalSigns) => new DurableHealth(signs) },
      DurableLifecycle,
    ],
    exports: [DurableRunner, DurableEvents, DurableHealth, WorkflowRegistry, Telemetry, VitalSigns],
  };
}

function createEngine(
  options: ResolvedDurableOptions,
  dataSource: PostgresStorageOptions['dataSource'],
  registry: WorkflowRegistry,
  explorer: WorkflowExplorer,
  eventHandlers: EventHandlerExplorer,
  telemetry: Telemetry,
): DurableEngine {
  const logger = new RedactingLogger(new Logger('Durable'), passwordsOf(dataSource));
  const storage = new PostgresStorage({
    dataSource,
    dataSourceName: options.dataSource,
    schema: options.schema,
    clock: options.clock,
    onNewerSchema: (migrations) =>
      logger.log(`Schema "${options.schema}" is newer than this package: ${migrations.join(', ')}.`),
  });
  const isComplete = (): boolean => explorer.isComplete();
  return new DurableEngine({ options, storage, registry, explorer, isComplete, eventHandlers, logger, telemetry });
}

function createTelemetry({ clock }: ResolvedDurableOptions): Telemetry {
  const logger = new RedactingLogger(new Logger('Durable'), []);
  return new Telemetry(new EventBus(logger, () => clock.fixed() ?? new Date()));
}

function optionProviders({ useFactory, useClass, useExisting, inject = [] }: DurableModuleAsyncOptions): Provider[] {
  if (useFactory) return [{ provide: DURABLE_MODULE_OPTIONS, useFactory, inject }];
  const factory = useExisting ?? useClass;
  if (!factory) {
    throw new InvalidOptionError('forRootAsync', undefined, 'an object with useFactory, useClass or useExisting');
  }
  const provider: Provider = {
    provide: DURABLE_MODULE_OPTIONS,
    inject: [factory],
    useFactory: (made: DurableOptionsFactory) => made.createDurableOptions(),
  };
  return useClass ? [provider, { provide: useClass, useClass }] : [provider];
}

/** Which DataSource is injected is decided before the factory runs, so the factory cannot name another. */
function resolveAsync(made: DurableModuleOptions, dataSource: string | undefined): ResolvedDurableOptions {
  if (typeof made !== 'object' || made === null) return resolveDurableOptions(made);
  if (made.dataSource !== undefined && made.dataSource !== dataSource) {
    throw new InvalidOptionError('dataSource', made.dataSource, 'given to forRootAsync itself, beside useFactory');
  }
  return resolveDurableOptions({ ...made, dataSource });
}
