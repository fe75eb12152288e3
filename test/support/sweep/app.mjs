import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';
import * as library from '../../../lib/index.js';
import { makePlans } from '../every-checkpoint/plans.mjs';

/**
 * A process of the sweep. It starts the runs that it is told to, answers what they wait for as callers do, and leaves in
 * order when all of its queue have ended. Whoever comes after one that was killed does the same again, so every call is
 * one that may be repeated.
 */
const { url, queue, starts } = JSON.parse(process.env.SWEEP);
const POLL_MS = 15;

// A test that is gone, kill -9 included, leaves nobody behind.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

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
    TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true, poolSize: 10, retryAttempts: 0 }),
    library.DurableModule.forRoot({ queue, worker: { concurrency: 500 } }),
  ],
  providers: makePlans(library, effect).map((plan) => ({ provide: plan.name, useValue: plan })),
})(App);

async function main() {
  const app = await NestFactory.createApplicationContext(App, { abortOnError: false, logger: ['error', 'warn'] });
  const runner = app.get(library.DurableRunner);

  await Promise.all(
    starts.map(async ({ input, key }) => {
      const { id } = await runner.start('everything', input, { idempotencyKey: key });
      process.send({ type: 'started', key, id });
    }),
  );
  await answerUntilAllHaveEnded(runner);
  await app.close();
  await traces.end();
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

async function answerUntilAllHaveEnded(runner) {
  for (;;) {
    const { rows } = await traces.query(
      `select id, status, awaiting, input ->> 'fails' as fails, paused_at is not null as paused
         from durable.run where queue = $1 and finished_at is null`,
      [queue],
    );
    if (rows.length === 0) return;
    for (const run of rows) {
      if (run.status === 'suspended' && run.awaiting) await answer(runner, run);
      // Whoever paused it was killed before he let it go on, and it had been answered before that.
      else if (run.paused) await runner.unpause(run.id);
    }
    await delay(POLL_MS);
  }
}

/** A run that was ended or answered meanwhile refuses, which is no harm. */
async function answer(runner, { id, awaiting: [name], fails }) {
  if (name.startsWith('resume:')) return runner.resume(id, 'you may');
  if (name === 'approved') {
    await runner.pause(id);
    await runner.unpause(id);
  }
  if (name === 'approved' && fails === 'canceled') return runner.cancel(id, 'changed my mind');
  return runner.signal(id, name, `${name}!`, { id: name });
}
