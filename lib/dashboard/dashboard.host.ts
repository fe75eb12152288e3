import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import { DURABLE_OPTIONS } from '../durable.constants.js';
import { DurableEngine } from '../durable.engine.js';
import type { ResolvedDurableOptions } from '../durable.options.js';
import { DurableRunner } from '../runner/durable-runner.js';
import {
  PostgresDashboardStore,
  type PostgresDashboardStoreOptions,
} from '../storage/postgres/postgres-dashboard-store.js';
import { DASHBOARD_OPTIONS, DASHBOARD_PATH } from './dashboard.constants.js';
import type { ResolvedDashboardOptions } from './dashboard.options.js';
import { DashboardService } from './dashboard.service.js';

/**
 * Makes the dashboard of the application's `DurableModule`, and ends it with the application: streams before the HTTP
 * server waits for its connections, the database's connections at the end.
 */
@Injectable()
export class DashboardHost implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  private made: DashboardService | null = null;

  constructor(
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(DASHBOARD_OPTIONS) private readonly options: ResolvedDashboardOptions,
    @Inject(DASHBOARD_PATH) private readonly path: string,
  ) {}

  onModuleInit(): void {
    const of = { strict: false };
    const { schema, clock, dataSource } = this.moduleRef.get<ResolvedDurableOptions>(DURABLE_OPTIONS, of);
    const token = getDataSourceToken(dataSource);
    const connection = this.moduleRef.get<PostgresDashboardStoreOptions['dataSource']>(token, of);
    this.made = new DashboardService({
      options: this.options,
      store: new PostgresDashboardStore({ dataSource: connection, schema, clock }),
      runner: this.moduleRef.get(DurableRunner, of),
      engine: this.moduleRef.get(DurableEngine, of),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.made?.endStreams();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.made?.close();
  }

  /** Resolves once the schema is there and the workflows are registered. */
  async service(): Promise<DashboardService> {
    await this.moduleRef.get(DurableEngine, { strict: false }).ready();
    return this.made!;
  }

  /**
   * Where the dashboard is mounted, as the client sees it, and what of the path is behind that. A global prefix, a version
   * or a router in front stand before it.
   */
  place(pathname: string): { readonly base: string; readonly rest: string } {
    const mark = `/${this.path}`;
    const at = `${pathname}/`.indexOf(`${mark}/`);
    const end = Math.max(0, at) + mark.length;
    return { base: `${pathname.slice(0, end)}/`, rest: pathname.slice(end).replace(/^\//, '') };
  }
}
