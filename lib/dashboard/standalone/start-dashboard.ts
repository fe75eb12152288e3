import { Logger, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { userInfo } from 'node:os';
import { DurableModule } from '../../durable.module.js';
import { driverOptions } from '../../storage/postgres/connection/driver-options.js';
import { DurableDashboardModule } from '../dashboard.module.js';
import type { DashboardTheme } from '../dashboard.options.js';
import { DoorKeeper } from './door-keeper.js';
import { loadExpress } from './load-express.js';
import { LoginController } from './login.controller.js';
import { SessionGuard } from './session.guard.js';

export interface StartDashboardOptions {
  /** Connection string of the database; with several hosts, the one that takes writes is found. */
  url: string;
  /** PostgreSQL schema that holds the tables. @default 'durable' */
  schema?: string;
  /** 0 takes a free one. @default 0 */
  port?: number;
  /**
   * Where it listens. Beyond this machine it needs TLS in front of it, since the token and the session cross the network.
   *
   * @default '127.0.0.1'
   */
  host?: string;
  /** A token that people type in, at least 16 characters. @default a new one, which lets one browser in, once */
  token?: string;
  /** Nothing can be changed, and no payload is seen. @default false */
  readOnly?: boolean;
  /** Names the person in the audit trail. @default the name of the account that runs the process */
  user?: string;
  theme?: DashboardTheme;
}

export interface StartedDashboard {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string;
  /** Opens the dashboard in one browser; where a token was given, the page that asks for it. */
  readonly loginUrl: string;
  /** Ends streams and connections. May be called twice. */
  close(): Promise<void>;
}

const PATH = '/durable';

/**
 * A dashboard as a process of its own, for a database alone: it executes nothing and needs no code of the application.
 * Needs `@nestjs/platform-express`.
 *
 * It listens on this machine alone unless told otherwise, and lets in only who has the token.
 *
 * @throws MissingPeerError when `@nestjs/platform-express` is not installed.
 * @throws SchemaBehindError when the database has no schema, or an old one: it migrates nothing.
 *
 * @example
 * ```ts
 * const dashboard = await startDashboard({ url: process.env.DATABASE_URL! });
 * console.log(`Open ${dashboard.loginUrl}`);
 * ```
 */
export async function startDashboard(options: StartDashboardOptions): Promise<StartedDashboard> {
  const { host = '127.0.0.1', port = 0 } = options;
  const keeper = new DoorKeeper(options.token, options.user ?? accountName());
  const app = await NestFactory.create(modulesOf(options, keeper), await loadExpress(), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  app.enableShutdownHooks();
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const { port: taken } = (app.getHttpServer() as { address(): { port: number } }).address();
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
  keeper.guardHosts(host, taken);
  let closing: Promise<void> | null = null;
  return {
    url: `${url}/`,
    loginUrl: `${url}${keeper.loginPath}`,
    close: () => (closing ??= app.close()),
  };
}

function modulesOf({ url, schema, readOnly = false, theme }: StartDashboardOptions, keeper: DoorKeeper): DynamicModule {
  const driver = driverOptions(url);
  const database: TypeOrmModuleOptions = {
    ...{ ...driver, autoLoadEntities: true, applicationName: 'nest-durable dashboard' },
    ...{ retryAttempts: 0, extra: { ...driver.extra, max: 1 } },
  };
  @Module({})
  class StandaloneDashboardModule {}
  return {
    module: StandaloneDashboardModule,
    imports: [
      TypeOrmModule.forRoot(database),
      // What the server keeps is no reason to hide it.
      DurableModule.forRoot({ schema, worker: false, migrate: false, allowUnsafeDurability: true }),
      DurableDashboardModule.forRoot({
        path: PATH,
        guards: [new SessionGuard(keeper)],
        ...(readOnly ? {} : { authorize: () => true }),
        theme,
      }),
    ],
    controllers: [LoginController],
    providers: [{ provide: DoorKeeper, useValue: keeper }, Logger],
  };
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'operator';
  }
}
