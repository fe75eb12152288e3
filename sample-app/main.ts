import { Logger, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { ShopConfig } from './config/shop-config.js';
import { startLocalPostgres } from './local-postgres.mjs';

const logger = new Logger('Shop');

/** `DATABASE_URL`, or a PostgreSQL of the shop's own that keeps its data between starts and ends with this process. */
async function findDatabase(): Promise<string> {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  logger.log('DATABASE_URL is not set: starting a private PostgreSQL with its data in .local-postgres/');
  return (await startLocalPostgres({ dataDir: '.local-postgres' })).url;
}

async function start(): Promise<void> {
  const config = ShopConfig.fromEnv(process.env, await findDatabase());
  const url = config.servesHttp ? await serve(config) : await work(config);
  if (url !== null) explain(url, config);
  // What process managers that watch an IPC channel wait for.
  process.send?.({ ready: true, url });
}

async function serve(config: ShopConfig): Promise<string> {
  const app = await NestFactory.create(AppModule.register(config));
  stopOnSignals(app);
  await app.listen(config.port);
  return (await app.getUrl()).replace('[::1]', 'localhost');
}

async function work(config: ShopConfig): Promise<null> {
  stopOnSignals(await NestFactory.createApplicationContext(AppModule.register(config)));
  logger.log('This worker executes orders; it answers no HTTP');
  return null;
}

/** SIGTERM and its like let running steps end, hand the other runs back, and exit 0. */
function stopOnSignals(app: INestApplicationContext): void {
  app.enableShutdownHooks(undefined, { useProcessExit: true });
}

function explain(url: string, { operatorPassword }: ShopConfig): void {
  const order = {
    id: 'my-first-order',
    email: 'ada@example.com',
    paymentToken: 'tok_visa',
    lines: [{ sku: 'tea-assam', quantity: 2 }],
  };
  process.stdout.write(`
The shop is open at ${url}. Try:

  curl -X POST ${url}/orders -H 'content-type: application/json' -d '${JSON.stringify(order)}'
  curl ${url}/orders/my-first-order
  curl ${url}/orders/my-first-order/journal

The dashboard is at ${url}/durable, for any name and the password ${operatorPassword}

`);
}

start().catch((error: unknown) => {
  logger.error(error);
  process.exit(1);
});
