/**
 * Covers: what the metrics say of runs, steps, workers and the database, on the endpoint of both HTTP adapters. That names,
 * units and the dashboard agree is in test/docs/observability.spec.ts.
 */
import { ForbiddenException, type CanActivate, type DynamicModule } from '@nestjs/common';
import type { NestApplication } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { durable, DurableModule, MissingPeerError } from '../../../lib/index.js';
import { loadPromClient } from '../../../lib/metrics/load-prom-client.js';
import { DurableMetrics, DurableMetricsModule, METRICS } from '../../../lib/metrics/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();

function plan() {
  let broken = true;
  return durable('order')
    .forEach('pack', (item) => item, { items: () => [1, 2], concurrency: 1 })
    .step('ship', () => (broken ? ((broken = false), Promise.reject(new Error('not yet'))) : 'shipped'), {
      backoff: () => 0,
    })
    .waitForSignal('approval', 'approved');
}

/** Values by name and labels. */
async function values(registry: Registry): Promise<Record<string, number>> {
  const all = await registry.getMetricsAsJSON();
  return Object.fromEntries(
    all.flatMap(({ name, values: found }) =>
      found.map(({ labels, value, ...rest }) => {
        const shown = Object.entries(labels).map(([key, label]) => `${key}=${String(label)}`);
        return [`${(rest as { metricName?: string }).metricName ?? name}{${shown.join(',')}}`, value];
      }),
    ),
  );
}

it('counts what happens, and asks the database for what is', async () => {
  const registry = new Registry();
  const { app, runner, testing } = await apps.bootVirtual({
    workflows: [plan()],
    worker: { concurrency: 7 },
    imports: [DurableMetricsModule.forRoot({ path: false, registry, cacheFor: 0 })],
  });
  const run = await runner.start('order', null);
  await runner.start('order', null, { queue: 'nobody' });
  await testing.drain();
  await apps.sql('analyze durable.run');
  const parked = await values(registry);
  await runner.signal(run.id, 'approved');
  await testing.drain();
  const ended = await values(registry);

  expect(parked).toMatchObject({
    'durable_runs{status=suspended}': 1,
    'durable_runs{status=pending}': 1,
    'durable_runs{status=completed}': 0,
    'durable_database_up{}': 1,
    'durable_worker_slots{}': 7,
    'durable_worker_runs{}': 0,
    'durable_runs_started_total{workflow=order}': 2,
    'durable_runs_parked_total{workflow=order,reason=signal}': 1,
    'durable_steps_total{workflow=order,step=pack,outcome=completed}': 2,
    'durable_steps_total{workflow=order,step=ship,outcome=retried}': 1,
    'durable_steps_total{workflow=order,step=ship,outcome=completed}': 1,
    'durable_step_duration_seconds_count{workflow=order,step=ship,outcome=completed}': 1,
    'durable_run_queue_delay_seconds_count{workflow=order}': 1,
  });
  expect(parked['durable_worker_lease_left_seconds{}']).toBeGreaterThan(0);
  expect(ended).toMatchObject({
    'durable_runs_ended_total{workflow=order,status=completed}': 1,
    'durable_run_duration_seconds_count{workflow=order,status=completed}': 1,
    'durable_signals_total{accepted=true}': 1,
  });
  for (const name of ['flush_batch_size_count', 'flush_duration_seconds_count', 'claim_duration_seconds_count']) {
    expect(ended[`durable_${name}{}`]).toBeGreaterThan(0);
  }
  expect(ended['durable_claimed_runs_total{}']).toBeGreaterThanOrEqual(1);
  await app.close();
  expect(registry.getMetricsAsArray()).toEqual([]);
});

it('shows how much is due, how long, and of which workflow, but not what is paused', async () => {
  const { apps: both, testing } = await apps.bootVirtual(
    { workflows: [durable('order').step('charge', () => 1), durable('paused').step('charge', () => 1)], worker: false },
    { worker: false, imports: [DurableMetricsModule.forRoot({ path: false, cacheFor: 0 })] },
  );
  const { runner } = both[0];
  await runner.startMany('order', [1, 2, 3]);
  await runner.start('order', 4, { delay: '1h' });
  await runner.start('order', 5, { priority: 3 });
  await runner.start('paused', 6);
  await runner.pause({ workflow: 'paused' });
  await testing.advance('90s');

  const found = await values(both[1].moduleRef.get(DurableMetrics).registry);
  expect(found).toMatchObject({
    'durable_due_runs{queue=durable,workflow=order,version=1}': 4,
    'durable_due_oldest_seconds{queue=durable}': 90,
  });
  expect(Object.keys(found).filter((name) => name.includes('paused'))).toEqual([]);
});

it('asks the database once for many scrapes', async () => {
  const { app, runner } = await apps.bootVirtual({
    workflows: [durable('order').step('charge', () => 1)],
    worker: false,
    imports: [DurableMetricsModule.forRoot({ path: false, cacheFor: '1h' })],
  });
  const { registry } = app.moduleRef.get(DurableMetrics);
  await values(registry);
  await runner.start('order', null);
  expect(await values(registry)).not.toHaveProperty('durable_runs{status=pending}');
});

describe('the endpoint', () => {
  const metadata = (metrics: DynamicModule) => ({
    imports: [apps.typeorm(), DurableModule.forRoot({ worker: false }), metrics],
  });

  it('answers in the format of Prometheus', async () => {
    const app = await apps.compile(metadata(DurableMetricsModule.forRoot({ defaultMetrics: true })));
    const server = app.moduleRef.createNestApplication<NestApplication>();
    await server.listen(0, '127.0.0.1');
    const answer = await fetch(`${await server.getUrl()}/metrics`);
    const text = await answer.text();
    await server.close();

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, Registry.PROMETHEUS_CONTENT_TYPE]);
    const described = [...text.matchAll(/^# TYPE (durable_\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]);
    expect(described).toEqual(Object.entries(METRICS).map(([name, { type }]) => [name, type]));
    expect(text).toContain('# TYPE process_cpu_seconds_total counter');
  });

  it('is guarded, and where the application wants it, on Fastify too', async () => {
    class Nobody implements CanActivate {
      canActivate(): boolean {
        throw new ForbiddenException();
      }
    }
    const app = await apps.compile(metadata(DurableMetricsModule.forRoot({ path: 'ops/metrics', guards: [Nobody] })));
    const server = app.moduleRef.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await server.listen(0, '127.0.0.1');
    const url = await server.getUrl();
    const answers = await Promise.all([fetch(`${url}/ops/metrics`), fetch(`${url}/metrics`)]);
    await server.close();
    expect(answers.map(({ status }) => status)).toEqual([403, 404]);
  });

  it('answers without the database, and says that it is gone', async () => {
    const app = await apps.compile(metadata(DurableMetricsModule.forRoot({ cacheFor: 0 })));
    const server = app.moduleRef.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await server.listen(0, '127.0.0.1');
    await apps.sql('alter table durable.run rename to gone');
    const answer = await fetch(`${await server.getUrl()}/metrics`);
    const body = await answer.text();
    await apps.sql('alter table durable.gone rename to run');
    await server.close();
    expect(answer.status).toBe(200);
    expect(body).toContain('durable_database_up 0');
    expect(body).not.toContain('durable_runs{');
  });
});

it('says what to install when prom-client is missing', async () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  const loading = loadPromClient(() => Promise.reject(missing));
  await expect(loading).rejects.toThrow(MissingPeerError);
  await expect(loading).rejects.toThrow(
    'nest-durable/metrics needs the package prom-client, which is not installed: run "npm install prom-client".',
  );
});

it('refuses options that cannot be used', () => {
  expect(() => DurableMetricsModule.forRoot({ path: '' })).toThrow('Invalid option path');
  expect(() => DurableMetricsModule.forRoot({ cacheFor: 'often' })).toThrow('option cacheFor of DurableMetricsModule');
});
