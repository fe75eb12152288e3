import { ForbiddenException, type CanActivate, type ExecutionContext, type INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DurableDashboardModule, type DurableDashboardOptions } from '../../lib/dashboard/index.js';
import { DurableModule, DurableRunner, type DurableModuleOptions, type DurableWorkflow } from '../../lib/index.js';
import { DurableTesting, VirtualClock } from '../../lib/testing/index.js';
import type { DurableApps } from './durable-app.js';
import { EMPTY_TABLES } from './empty-tables.js';

export const ADAPTERS = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() } as const;

export type Platform = keyof typeof ADAPTERS;

/** Lets in who says who they are: `x-user: ann`. */
export class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: unknown }>();
    const name = request.headers['x-user'];
    if (name === 'mallory') throw new ForbiddenException('Not you.');
    request.user = name && { email: `${name}@example.com` };
    return name !== undefined;
  }
}

export interface DashboardAppOptions extends Partial<DurableDashboardOptions> {
  readonly workflows?: readonly DurableWorkflow[];
  readonly durable?: DurableModuleOptions;
  readonly platform?: Platform;
  readonly globalPrefix?: string;
  readonly bodyParser?: boolean;
}

export interface Answer<T = any> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** An application with a dashboard, listening. */
export class DashboardApp {
  constructor(
    readonly app: INestApplication,
    /** Without a slash at its end. */
    readonly url: string,
    /** Where the dashboard is, between slashes. */
    readonly base: string,
  ) {}

  get runner(): DurableRunner {
    return this.app.get(DurableRunner);
  }

  get testing(): DurableTesting {
    return DurableTesting.of(this.app);
  }

  /** As ann, unless `headers` say otherwise. */
  get<T = any>(path: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send(path, { headers: { 'x-user': 'ann', ...headers } });
  }

  /** As the page itself sends it. */
  post<T = any>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send(path, {
      method: 'POST',
      headers: { 'x-user': 'ann', 'content-type': 'application/json', origin: this.url, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async send<T = any>(path: string, init: RequestInit): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${this.base}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
  }
}

/** Applications with dashboards, on the database of `apps`; closed after every test. Call it before `DurableApps`. */
export class DashboardApps {
  private readonly open: INestApplication[] = [];
  private emptied: DurableApps | null = null;

  constructor() {
    afterEach(async () => {
      for (const app of this.open.splice(0)) await app.close();
      await this.emptied?.sql(EMPTY_TABLES);
    });
  }

  async boot(apps: DurableApps, options: DashboardAppOptions = {}): Promise<DashboardApp> {
    this.emptied = apps;
    const { workflows = [], durable, platform = 'express', globalPrefix, bodyParser = true, ...dashboard } = options;
    const clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
    const moduleRef = await Test.createTestingModule({
      imports: [
        apps.typeorm(),
        DurableModule.forRoot({ clock, ...durable }),
        DurableDashboardModule.forRoot({ guards: [HeaderGuard], ...dashboard }),
      ],
      providers: workflows.map((workflow) => {
        return { provide: `workflow ${workflow.name}@${workflow.version}`, useValue: workflow };
      }),
    }).compile();
    const app = moduleRef.createNestApplication(ADAPTERS[platform](), { logger: apps.log, bodyParser });
    this.open.push(app);
    if (globalPrefix) app.setGlobalPrefix(globalPrefix);
    await app.listen(0, '127.0.0.1');
    const prefix = globalPrefix ? `/${globalPrefix}` : '';
    return new DashboardApp(app, await app.getUrl(), `${prefix}${options.path ?? '/durable'}/`);
  }
}
