import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ShopConfig } from '../config/shop-config.js';
import { CreateShop1732000000000 } from './migrations/1732000000000-create-shop.migration.js';
import { DeliverAndServe1735000000000 } from './migrations/1735000000000-deliver-and-serve.migration.js';
import { createShopDataSource } from './shop-data-source.js';

/** The application's one DataSource. Features add their entities with `TypeOrmModule.forFeature`. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [ShopConfig],
      useFactory: (config: ShopConfig) => ({
        type: 'postgres' as const,
        url: config.databaseUrl,
        applicationName: `shop ${config.role}`,
        autoLoadEntities: true,
        migrations: [CreateShop1732000000000, DeliverAndServe1735000000000],
        migrationsTableName: 'shop_migrations',
      }),
      dataSourceFactory: createShopDataSource,
    }),
  ],
})
export class DatabaseModule {}
