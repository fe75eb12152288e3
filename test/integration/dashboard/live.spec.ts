/** Covers: streams of news, and a dashboard that is a process of its own. Everything else: the specs beside this one. */
import { startDashboard } from '../../../lib/dashboard/index.js';
import { loadExpress } from '../../../lib/dashboard/standalone/load-express.js';
import { durable } from '../../../lib/index.js';
import { DashboardApps, type DashboardApp, type Platform } from '../../support/dashboard-apps.js';
import { DurableApps } from '../../support/durable-app.js';

const dashboards = new DashboardApps();
const apps = new DurableApps();

const waits = durable('waits').waitForSignal('approval', 'approved');

/** Reads events until one of the name comes; null when the stream has ended before. */
async function listen(dashboard: DashboardApp, query: string) {
  const response = await fetch(`${dashboard.url}${dashboard.base}api/events?${query}`, {
    headers: { 'x-user': 'ann' },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (name: string): Promise<any> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end < 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        text += value;
        continue;
      }
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      if (event.startsWith(`event: ${name}\n`)) return JSON.parse(event.split('\ndata: ')[1]);
    }
  };
  return { response, next, cancel: () => reader.cancel() };
}

describe.each(['express', 'fastify'] as Platform[])('a stream on %s', (platform) => {
  it('tells what changes of a run and of a list, and ends with the application', async () => {
    const dashboard = await dashboards.boot(apps, { platform, workflows: [waits] });
    const { runner, testing } = dashboard;
    const { id } = await runner.start('waits', {});
    await testing.drain();
    const one = await listen(dashboard, `topic=run&id=${id}`);
    const list = await listen(dashboard, `topic=runs&ids=${id}&workflow=waits`);
    expect(one.response.headers.get('content-type')).toContain('text/event-stream');
    expect(one.response.headers.get('cache-control')).toBe('no-store');
    await Promise.all([one.next('hello'), list.next('hello')]);

    await runner.signal(id, 'approved', 1);
    await runner.start('waits', {});
    await testing.drain();
    const heard: string[] = [];
    while (heard.at(-1) !== 'completed') heard.push((await one.next('run')).run.status);
    let newer = 0;
    while (newer === 0) newer = (await list.next('runs')).newer.count;
    expect(newer).toBe(1);

    const [bye, none] = await Promise.all([one.next('bye'), list.next('nothing'), dashboard.app.close()]);
    expect(bye).toMatchObject({ now: expect.any(String) });
    expect(none).toBeNull();
  });
});

it('refuses a stream of nothing', async () => {
  const dashboard = await dashboards.boot(apps);
  for (const query of ['', 'topic=x', 'topic=run&id=1', 'topic=overview&window=1y', 'topic=runs&ids=1,2']) {
    expect((await dashboard.get(`api/events?${query}`)).status).toBe(400);
  }
});

describe('a dashboard of its own', () => {
  it('lets one browser in by its link, once, and nobody by another name or without', async () => {
    const { runner } = await apps.boot({ worker: false, workflows: [waits] });
    const run = await runner.start('waits', {});
    const dashboard = await startDashboard({ url: apps.database.url, user: 'ann' });
    try {
      expect(dashboard.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      const get = (path: string, headers = {}): Promise<Response> =>
        fetch(new URL(path, dashboard.url), { redirect: 'manual', headers });
      expect((await get('durable/api/config')).status).toBe(401);
      expect((await get('durable')).status).toBe(401);
      expect((await get('login?token=guess')).status).toBe(401);
      const door = await get(dashboard.loginUrl);
      expect(door.status).toBe(303);
      const cookie = door.headers.get('set-cookie')!;
      expect(cookie).toContain('HttpOnly; SameSite=Strict');
      expect((await get(dashboard.loginUrl)).status).toBe(401);
      const session = { cookie: cookie.split(';')[0] };
      const config = await get('durable/api/config', session);
      expect(await config.json()).toMatchObject({
        user: 'ann',
        allowed: expect.arrayContaining(['cancel', 'payload']),
      });
      expect((await get(`durable/api/runs/${run.id}`, session)).status).toBe(200);
      expect((await get('durable/api/config', { cookie: 'nest_durable_session=x' })).status).toBe(401);
    } finally {
      await dashboard.close();
      await dashboard.close();
    }
  });

  it('says what to install where Express is missing, instead of ending the process', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(loadExpress(() => Promise.reject(missing))).rejects.toThrow(
      'startDashboard() of nest-durable/dashboard needs the package @nestjs/platform-express, which is not installed: ' +
        'run "npm install @nestjs/platform-express".',
    );
  });

  it('finds the server that takes writes among several', async () => {
    const { username, password, host, pathname, search } = new URL(apps.database.url);
    const url = `postgres://${username}:${password}@127.0.0.1:1,${host}${pathname}${search}`;
    const dashboard = await startDashboard({ url });
    try {
      expect((await fetch(dashboard.loginUrl, { redirect: 'manual' })).status).toBe(303);
    } finally {
      await dashboard.close();
    }
  });

  it('asks for the token that it was given, and can be read only', async () => {
    const token = 'a token of some length';
    const options = { url: apps.database.url, token, readOnly: true };
    await expect(startDashboard({ ...options, token: 'short' })).rejects.toThrow('at least 16 characters');
    const dashboard = await startDashboard(options);
    try {
      expect(dashboard.loginUrl).not.toContain('token');
      const body = new URLSearchParams({ token });
      const door = await fetch(dashboard.loginUrl, { method: 'POST', body, redirect: 'manual' });
      const cookie = door.headers.get('set-cookie')!.split(';')[0];
      const config = await fetch(`${dashboard.url}durable/api/config`, { headers: { cookie } });
      expect(await config.json()).toMatchObject({ allowed: ['view'] });
    } finally {
      await dashboard.close();
    }
  });
});
