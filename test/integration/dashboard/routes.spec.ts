/**
 * Covers: where the dashboard is mounted and who gets in: every route of the router, on both platforms. What it answers:
 * read.spec.ts; orders: orders.spec.ts; streams: live.spec.ts.
 */
import type { Type } from '@nestjs/common';
import { DurableDashboardModule } from '../../../lib/dashboard/index.js';
import { durable } from '../../../lib/index.js';
import {
  ADAPTERS,
  DashboardApps,
  HeaderGuard,
  type DashboardApp,
  type Platform,
} from '../../support/dashboard-apps.js';
import { DurableApps } from '../../support/durable-app.js';

const dashboards = new DashboardApps();
const apps = new DurableApps();

const PLATFORMS = Object.keys(ADAPTERS) as Platform[];
const RUN = '0198c5f0-0000-7000-8000-000000000001';

interface Route {
  readonly method: string;
  readonly path: string;
}

/** What the platform's own router holds, with parameters filled in. */
function routesOf({ app, base }: DashboardApp, platform: Platform): Route[] {
  const found =
    platform === 'express'
      ? expressRoutes(app.getHttpAdapter().getInstance())
      : fastifyRoutes(app.getHttpAdapter().getInstance());
  return found
    .map(({ method, path }) => ({
      method,
      path: path
        .replace(':id', RUN)
        .replace(':name', 'echo')
        .replace(':version', '1')
        .replace(':action', 'cancel')
        .replace(/\/?\{?\*(path)?\}?$/, '/assets/anything.js'),
    }))
    .filter(({ path }) => `${path}/`.startsWith(base));
}

function expressRoutes(instance: any): Route[] {
  const layers = instance.router.stack as { route?: { path: string; methods: Record<string, boolean> } }[];
  return layers.flatMap(({ route }) =>
    route ? Object.keys(route.methods).map((method) => ({ method: method.toUpperCase(), path: route.path })) : [],
  );
}

/** `printRoutes` draws a tree; each branch is a part of a path, with its methods in brackets. */
function fastifyRoutes(instance: any): Route[] {
  const lines = (instance.printRoutes({ commonPrefix: false }) as string).split('\n');
  const prefixes: string[] = [];
  return lines.flatMap((line) => {
    const match = /^([│├└─\s]*)(.*?)(?: \(([A-Z, ]+)\))?$/u.exec(line);
    if (!match?.[2]) return [];
    const depth = match[1].length / 4;
    prefixes.splice(depth - 1);
    const path = prefixes.join('') + match[2];
    prefixes.push(match[2]);
    return (match[3] ?? '')
      .split(', ')
      .filter(Boolean)
      .map((method) => ({ method, path }));
  });
}

describe.each(PLATFORMS)('on %s', (platform) => {
  it('answers 401 or 403 on every route to who has no credentials, in its own shape and with its headers', async () => {
    const dashboard = await dashboards.boot(apps, { platform, workflows: [durable('echo').step('one', () => 1)] });
    const routes = routesOf(dashboard, platform);
    const api = routes.filter(({ path }) => path.includes('/api/'));
    expect(api.filter(({ method }) => method === 'GET')).toHaveLength(14);
    expect(api.filter(({ method }) => method === 'POST')).toHaveLength(6);
    expect(routes.some(({ path }) => path.endsWith('/assets/anything.js'))).toBe(true);

    for (const { method, path } of [...routes, { method: 'GET', path: `${dashboard.base}` }]) {
      for (const user of [undefined, 'mallory']) {
        const response = await fetch(dashboard.url + path, {
          method,
          headers: { 'content-type': 'application/json', origin: dashboard.url, ...(user && { 'x-user': user }) },
          ...(method === 'POST' ? { body: '{}' } : {}),
        });
        const body = await response.text();
        expect([method, path, response.status]).toEqual([method, path, 403]);
        expect(response.headers.get('cache-control')).toBe('no-store');
        if (method !== 'HEAD')
          expect(JSON.parse(body)).toEqual({ error: { code: 'forbidden', message: expect.any(String) } });
      }
    }
  });

  it('carries its security headers on every answer', async () => {
    const dashboard = await dashboards.boot(apps, { platform });
    for (const path of ['', 'runs/x', 'api/config', 'api/runs', 'api/nothing', 'theme.css', 'assets/none.js']) {
      const { headers } = await dashboard.get(path);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain(`default-src 'none'`);
      expect(policy).toContain(`script-src 'self'`);
      expect(policy).toContain(`frame-ancestors 'none'`);
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('serves its page for every address of its own, and says 404 for unknown answers and files', async () => {
    const dashboard = await dashboards.boot(apps, { platform, theme: { title: 'A <b>"shop"</b>', accent: '#0b7285' } });
    for (const path of ['', 'runs', 'runs/1/deep?x=1', 'workflows/%2e%2e/x']) {
      const { status, body } = await dashboard.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(body).toContain('<meta name="durable-base" content="/durable/" />');
      expect(body).not.toContain('<b>');
      expect(body).not.toMatch(/<script(?![^>]*\ssrc=)/);
    }
    expect((await dashboard.get('theme.css')).body).toContain('--durable-accent: #0b7285');
    expect(await dashboard.get('api/nothing')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    expect(await dashboard.get('assets/nothing.js')).toMatchObject({ status: 404 });
    expect((await dashboard.get('assets/..%2f..%2f..%2fpackage.json')).status).toBe(404);
  });

  it('lives behind a global prefix, at a path of its own', async () => {
    const dashboard = await dashboards.boot(apps, { platform, globalPrefix: 'intern/v1', path: 'ops/durable/' });
    const url = `${dashboard.url}/intern/v1/ops/durable`;
    for (const address of [url, `${url}/`, `${url}/runs`]) {
      const page = await fetch(address, { headers: { 'x-user': 'ann' } });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('content="/intern/v1/ops/durable/"');
    }
    const config = await fetch(`${url}/api/config`, { headers: { 'x-user': 'ann' } });
    expect(await config.json()).toMatchObject({ user: 'ann@example.com', allowed: ['view'] });
  });
});

describe('without a guard', () => {
  it.each([[{}], [{ guards: [] }], [{ guards: undefined }]])('is not mounted: %j', (options) => {
    const mount = (): unknown => DurableDashboardModule.forRoot(options as never);
    expect(mount).toThrow('The dashboard has no guards, so it is not mounted');
    expect(mount).toThrow('DurableDashboardModule.forRoot({ guards: [AdminGuard] })');
  });
});

it.each([
  [{ path: '/' }, 'Invalid option path'],
  [{ path: '/a/../b' }, 'Invalid option path'],
  [{ guards: ['admin'] }, 'Invalid option guards'],
  [{ authorise: () => true }, 'Unknown option authorise. Did you mean authorize?'],
  [{ authorize: true }, 'Invalid option authorize'],
  [{ theme: { accent: 'red; } body { display: none' } }, 'Invalid option theme.accent'],
  [{ theme: { logo: 'javascript:alert(1)' } }, 'Invalid option theme.logo'],
  [{ theme: { logo: '//evil.example/x.png' } }, 'Invalid option theme.logo'],
  [{ origins: ['https://ops.example.com/'] }, 'Invalid option origins'],
])('refuses %j', (options, message) => {
  const guards = [HeaderGuard as Type<HeaderGuard>];
  expect(() => DurableDashboardModule.forRoot({ guards, ...options } as never)).toThrow(message);
});
