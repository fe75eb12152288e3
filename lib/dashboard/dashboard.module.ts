import {
  Controller,
  Get,
  Inject,
  Module,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
  type DynamicModule,
  type NestModule,
  type Provider,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InvalidOptionError } from '../errors/index.js';
import { DASHBOARD_ACCESS_OPTIONS, DASHBOARD_OPTIONS, DASHBOARD_PATH } from './dashboard.constants.js';
import { DashboardController } from './dashboard.controller.js';
import { DashboardHost } from './dashboard.host.js';
import { assertKnownOptions, resolveAccess, resolveMount } from './dashboard-options.resolver.js';
import type {
  DashboardAccessOptions,
  DashboardMountOptions,
  DurableDashboardAsyncOptions,
  DurableDashboardOptions,
} from './dashboard.options.js';
import { DashboardErrorFilter } from './http/dashboard-error.filter.js';

/**
 * A dashboard for operators in the application's own HTTP server, on Express or Fastify. Import it once, beside
 * `DurableModule`.
 *
 * It guarantees: every page, file, answer and stream is behind the guards, and without a guard nothing is mounted; by
 * default nothing can be changed and no payload is seen; an order is taken from the dashboard's own page only, and leaves a
 * line in the audit trail.
 *
 * @example
 * ```ts
 * DurableDashboardModule.forRoot({
 *   path: '/durable',
 *   guards: [AdminGuard],
 *   imports: [AuthModule],
 *   authorize: (user: User, action, run) => action === 'view' || user.roles.includes('operator'),
 * })
 * ```
 */
@Module({})
export class DurableDashboardModule implements NestModule {
  constructor(@Inject(HttpAdapterHost) private readonly adapters: HttpAdapterHost) {}

  /** Nest calls it when the platform is known, and reads the routes of controllers after it. */
  configure(): void {
    routePage(this.adapters.httpAdapter.getType());
  }

  /**
   * @throws DashboardUnguardedError when there is no guard.
   * @throws InvalidOptionError at once, naming the option and its value.
   */
  static forRoot(options: DurableDashboardOptions): DynamicModule {
    assertKnownOptions(options, false);
    const path = resolveMount(options);
    return mount(path, options, [{ provide: DASHBOARD_OPTIONS, useValue: resolveAccess(options) }]);
  }

  /** Like {@link forRoot}, with what is not known before providers are there made by a factory. */
  static forRootAsync(options: DurableDashboardAsyncOptions): DynamicModule {
    assertKnownOptions(options, true);
    const { useFactory, inject = [] } = options;
    if (typeof useFactory !== 'function') throw new InvalidOptionError('useFactory', useFactory, 'a function');
    return mount(resolveMount(options), options, [
      { provide: DASHBOARD_ACCESS_OPTIONS, useFactory, inject },
      {
        provide: DASHBOARD_OPTIONS,
        inject: [DASHBOARD_ACCESS_OPTIONS],
        useFactory: (made: DashboardAccessOptions) => resolveAccess(made),
      },
    ]);
  }
}

function mount(path: string, { guards, imports = [] }: DashboardMountOptions, providers: Provider[]): DynamicModule {
  return {
    module: DurableDashboardModule,
    imports,
    providers: [...providers, { provide: DASHBOARD_PATH, useValue: path }, DashboardHost],
    controllers: [controllerOf(path, guards)],
  };
}

/** Path and guards are metadata of a class, so every mount has one of its own. */
function controllerOf(path: string, guards: DashboardMountOptions['guards']): Type<DashboardController> {
  class MountedDashboardController extends DashboardController {}
  Controller({ path, version: VERSION_NEUTRAL })(MountedDashboardController);
  UseGuards(...(guards as Parameters<typeof UseGuards>))(MountedDashboardController);
  UseFilters(DashboardErrorFilter)(MountedDashboardController);
  return MountedDashboardController;
}

/**
 * Every address that is no other route's is the page's. Express and Fastify write that differently, and each refuses, or
 * warns of, what the other one takes.
 */
function routePage(platform: string): void {
  const { prototype } = DashboardController;
  const everything = platform === 'fastify' ? '*' : '{*path}';
  // On the class that has the other routes: those of a derived class would come first, and this one takes everything.
  Get(['', everything])(prototype, 'page', Object.getOwnPropertyDescriptor(prototype, 'page')!);
}
