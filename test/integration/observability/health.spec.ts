/**
 * Covers: what the health of a process says in each way that it can fail, and its indicator in a controller of terminus.
 */
import { Controller, Get, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { durable, DurableHealth, DurableModule } from '../../../lib/index.js';
import { DurableHealthIndicator } from '../../../lib/terminus/index.js';
import { DurableApps, type DurableApp } from '../../support/durable-app.js';

const apps = new DurableApps();
const order = () => durable('order').step('charge', () => 1);
const healthOf = (app: DurableApp): DurableHealth => app.moduleRef.get(DurableHealth);

it('is up while the worker holds its lease, the database answers and nothing waits', async () => {
  const { app } = await apps.bootVirtual({ workflows: [order()], worker: { concurrency: 3 } });

  expect(await healthOf(app).check()).toEqual({
    status: 'up',
    problems: [],
    database: { status: 'up', latencyMs: expect.any(Number) },
    schema: { status: 'up', pending: [] },
    worker: { status: 'up', workerId: app.workerId, leaseLeftMs: 13_500, slots: 3, runs: 0 },
    backlog: { status: 'up', due: 0, oldestMs: 0 },
  });
});

it('needs no worker in a process without one', async () => {
  const app = await apps.boot({ worker: false });
  expect(await healthOf(app).check()).toMatchObject({ status: 'up', worker: { status: 'none' } });
});

it('is down when the worker has lost its lease', async () => {
  const { app } = await apps.bootVirtual({ workflows: [order()] });
  await apps.declareDead(app.workerId);
  await app.engine.worker!.renew();

  expect(await healthOf(app).check()).toMatchObject({
    status: 'down',
    problems: ['the worker holds no lease: it executes nothing until it has one'],
    worker: { status: 'down', workerId: null, leaseLeftMs: 0 },
    database: { status: 'up' },
  });
});

it('is down when what is due waits for longer than it may', async () => {
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [order()], worker: false });
  await runner.startMany('order', [1, 2]);
  await runner.start('order', 3, { delay: '1d' });
  await testing.advance('2m');

  const health = healthOf(app);
  expect(await health.check()).toMatchObject({ status: 'up', backlog: { status: 'up', due: 2, oldestMs: 120_000 } });
  expect(await health.check({ maxBacklogAge: '1m' })).toMatchObject({
    status: 'down',
    problems: ['the oldest of 2 due runs has waited for 120 s'],
    backlog: { status: 'down' },
  });
  expect(await health.check({ maxBacklogAge: false })).toMatchObject({ status: 'up' });
});

it('is down when the schema is behind', async () => {
  const app = await apps.boot({ worker: false });
  const health = healthOf(app);
  await apps.sql('alter table durable.migration rename to gone');
  const report = await health.check();
  await apps.sql('alter table durable.gone rename to migration');

  expect(report).toMatchObject({ status: 'down', schema: { status: 'down', pending: ['001-initial'] } });
});

it('is down, in time, when the database does not answer', async () => {
  const app = await apps.boot({ worker: false });
  const health = healthOf(app);
  await health.check();
  const report = await apps.withClient(async (client) => {
    await client.query('begin; lock table durable.run in access exclusive mode');
    const checked = await health.check({ timeout: 50 });
    await client.query('rollback');
    return checked;
  });

  expect(report).toMatchObject({
    status: 'down',
    problems: ['the database is not usable: it did not answer in 50 ms'],
    database: { status: 'down', latencyMs: null },
    schema: { status: 'unknown' },
    backlog: { status: 'unknown', due: null },
  });
});

it('refuses options that cannot be used', async () => {
  const app = await apps.boot({ worker: false });
  await expect(healthOf(app).check({ timeout: 0 })).rejects.toThrow(
    'Invalid option timeout: got 0, expected at least 1 ms.',
  );
  await expect(healthOf(app).check({ maxBacklogAge: 'soon' })).rejects.toThrow('option maxBacklogAge of check');
});

describe('the indicator of terminus', () => {
  @Controller('ready')
  class ReadyController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly durableHealth: DurableHealthIndicator,
    ) {}

    @Get()
    @HealthCheck()
    check() {
      return this.health.check([() => this.durableHealth.isHealthy('durable', { maxBacklogAge: 1 })]);
    }
  }

  @Module({ imports: [TerminusModule], controllers: [ReadyController], providers: [DurableHealthIndicator] })
  class ReadyModule {}

  it('answers 200 while all is well and 503 with the reasons when it is not', async () => {
    const app = await apps.compile({
      imports: [apps.typeorm(), DurableModule.forRoot({ worker: false }), ReadyModule],
      providers: [{ provide: 'plan', useValue: order() }],
    });
    const server = app.moduleRef.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await server.listen(0, '127.0.0.1');
    const url = `${await server.getUrl()}/ready`;
    const well = await fetch(url);
    await app.runner.start('order', null);
    await apps.sql(`update durable.run set due_at = due_at - interval '1 hour'`);
    const ill = await fetch(url);
    await server.close();

    expect([well.status, ill.status]).toEqual([200, 503]);
    expect(await well.json()).toMatchObject({ status: 'ok', info: { durable: { status: 'up', problems: [] } } });
    expect(await ill.json()).toMatchObject({
      error: { durable: { status: 'down', problems: ['the oldest of 1 due runs has waited for 3600 s'] } },
    });
  });
});
