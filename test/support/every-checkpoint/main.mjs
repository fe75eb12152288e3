import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Pool } from 'pg';
import { Freezer } from './freezer.mjs';
import { makePlans } from './plans.mjs';

/** An application that executes every kind of node and stops each run where it is to be killed. */
const { code, url } = JSON.parse(process.env.EVERY_CHECKPOINT);
const load = (file) => import(pathToFileURL(path.join(code, 'lib', file)).href);

// A test that is gone, kill -9 included, leaves nobody behind.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const library = await load('index.js');
const freezer = new Freezer((runId) => process.send({ type: 'frozen', runId }));
freezer.install({
  ...(await load('engine/journal/checkpoint-writer.js')),
  ...(await load('storage/postgres/postgres-run-store.js')),
});

// One connection: what begins first is written down first, and ends first.
const traces = new Pool({ connectionString: url, max: 1, application_name: 'traces' });
const effect = async ({ runId, stepName, idempotencyKey }) => {
  await traces.query('insert into effect (run_id, key, idempotency_key, pid) values ($1, $2, $3, $4)', [
    ...[runId, stepName, idempotencyKey, process.pid],
  ]);
};

class App {}
Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true, poolSize: 20, retryAttempts: 0 }),
    library.DurableModule.forRoot({ worker: { concurrency: 2_000 } }),
  ],
  providers: makePlans(library, effect).map((plan) => ({ provide: plan.name, useValue: plan })),
})(App);

const app = await NestFactory.createApplicationContext(App, { abortOnError: false });
const runner = app.get(library.DurableRunner);

process.on('message', async ({ type, points }) => {
  if (type === 'start') {
    // Due in a moment, when every run's point is known.
    const runs = await runner.startMany(
      'everything',
      points.map(({ input }) => input),
      { delay: 300 },
    );
    runs.forEach(({ id }, at) => freezer.points.set(id, points[at]));
    process.send({ type: 'started', runIds: runs.map(({ id }) => id) });
  }
  if (type === 'count') process.send({ type: 'counted', counts: Object.fromEntries(freezer.counts) });
});
process.send({ type: 'ready' });
