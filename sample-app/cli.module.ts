import type { DynamicModule } from '@nestjs/common';
import { AppModule } from './app.module.js';
import { ShopConfig } from './config/shop-config.js';

/**
 * What `nest-durable --app dist/sample-app/cli.module.js` boots: the shop needs its settings to become a module, so this
 * is a function that makes it one.
 */
export default function shop(): DynamicModule {
  const { DATABASE_URL } = process.env;
  if (!DATABASE_URL) throw new Error('DATABASE_URL is not set: it says where the shop keeps its orders');
  return AppModule.register(ShopConfig.fromEnv(process.env, DATABASE_URL));
}
