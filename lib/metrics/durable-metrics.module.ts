import {
  Inject,
  Module,
  type CanActivate,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import type { Registry } from 'prom-client';
import { durationMs, type Duration } from '../common/duration.js';
import { InvalidOptionError } from '../errors/index.js';
import { Telemetry } from '../observability/telemetry.js';
import { VitalSigns } from '../observability/vital-signs.js';
import { DurableMetrics } from './durable-metrics.js';
import { loadPromClient } from './load-prom-client.js';
import { createMetricsController } from './metrics.controller.js';

export interface DurableMetricsOptions {
  /** Where the endpoint is, without a slash in front; `false` for none: the registry is served elsewhere. @default 'metrics' */
  path?: string | false;
  /** Who may read it, as guards of Nest. @default none: whoever reaches the path */
  guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Modules that provide what the guards inject. @default [] */
  imports?: DynamicModule['imports'];
  /** The registry to put the metrics in, such as `register` of prom-client. @default one of its own */
  registry?: Registry;
  /** Also the metrics of Node that prom-client has: memory, event loop, garbage collection. @default false */
  defaultMetrics?: boolean;
  /** How long the answer of the database is used again: one look at it serves every scrape until then. @default '10s' */
  cacheFor?: Duration;
}

const DEFAULT_CACHE = '10s';

/**
 * Serves the engine's metrics to Prometheus, through prom-client. Import it beside `DurableModule`; docs/metrics.md lists the
 * metrics.
 *
 * @example
 * ```ts
 * @Module({ imports: [DurableModule.forRoot(), DurableMetricsModule.forRoot({ path: 'metrics', guards: [ScraperGuard] })] })
 * ```
 */
@Module({})
export class DurableMetricsModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(DurableMetrics) private readonly metrics: DurableMetrics) {}

  /**
   * @throws InvalidOptionError, InvalidDurationError at once.
   * @throws MissingPeerError at the start of the application, when prom-client is not installed.
   */
  static forRoot(options: DurableMetricsOptions = {}): DynamicModule {
    const { path = 'metrics', guards = [], imports = [], cacheFor = DEFAULT_CACHE } = options;
    if (path !== false && (typeof path !== 'string' || path.trim() === '')) {
      throw new InvalidOptionError('path', path, 'a path, or false for no endpoint');
    }
    const cacheMs = durationMs(cacheFor, 'option cacheFor of DurableMetricsModule');
    return {
      module: DurableMetricsModule,
      imports,
      controllers: path === false ? [] : [createMetricsController(path, guards)],
      providers: [
        {
          provide: DurableMetrics,
          inject: [Telemetry, VitalSigns],
          useFactory: async ({ events }: Telemetry, signs: VitalSigns) => {
            const client = await loadPromClient();
            const registry = options.registry ?? new client.Registry();
            if (options.defaultMetrics) client.collectDefaultMetrics({ register: registry });
            return new DurableMetrics({ client, registry, events, signs, cacheMs });
          },
        },
      ],
      exports: [DurableMetrics],
    };
  }

  onModuleInit(): void {
    this.metrics.start();
  }

  onApplicationShutdown(): void {
    this.metrics.stop();
  }
}
