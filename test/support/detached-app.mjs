import 'reflect-metadata';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';

/** A process with one worker whose handlers leave promises behind. Arguments: the compiled library, what to do, the database. */
const [folder, mode, url] = process.argv.slice(2);
const { durable, DurableModule, DurableRunner } = await import(pathToFileURL(path.join(folder, 'lib/index.js')).href);

const turn = () => new Promise((resolve) => setImmediate(resolve));
const leaky = durable('leaky')
  .step('at-once', () => void Promise.reject(new Error('left at once')))
  .step('later', () => void turn().then(() => Promise.reject(new Error('left later'))))
  .step('no-error', () => void Promise.reject('just text'))
  .step('payload', () => void Promise.reject({ card: 'canary' }))
  .step('address', () => void Promise.reject(new Error('no way to postgres://ann:canary@db/shop')))
  .step('undone', () => 1, { compensate: () => void Promise.reject(new Error('left by an undo')) })
  .step('last', () => Promise.reject(new Error('the end')), { maxAttempts: 1 });

class AppModule {}
Module({
  imports: [TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true }), DurableModule.forRoot({})],
  providers: [{ provide: 'leaky', useValue: leaky }],
})(AppModule);

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
if (mode === 'foreign') void Promise.reject(new Error('of the application'));
await app
  .get(DurableRunner)
  .startAndWait('leaky')
  .catch(() => undefined);
for (let n = 0; n < 5; n++) await turn();
await app.close();
process.stdout.write('ended in order\n');
