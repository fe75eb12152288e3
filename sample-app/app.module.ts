import { Module, type DynamicModule } from '@nestjs/common';
import { DurableModule } from '../lib/index.js';
import { DurableMetricsModule } from '../lib/metrics/index.js';
import { ShopConfigModule } from './config/shop-config.module.js';
import { ShopConfig } from './config/shop-config.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { ReturnsModule } from './returns/returns.module.js';
import { SupportModule } from './support/support.module.js';

/**
 * One application in three roles: web processes start and watch runs, worker processes execute them, and `all` does both.
 * Every role registers every workflow.
 */
@Module({})
export class AppModule {
  static register(config: ShopConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ShopConfigModule.register(config),
        DatabaseModule,
        DurableModule.forRootAsync({
          inject: [ShopConfig],
          useFactory: ({ executesOrders, concurrency, clock }: ShopConfig) => ({
            clock,
            worker: executesOrders && { concurrency },
            // A real deployment migrates in a job of its own; a sample should just start.
            migrate: true,
          }),
        }),
        DurableMetricsModule.forRoot({ path: 'metrics' }),
        OrdersModule,
        ReturnsModule,
        SupportModule,
        HealthModule,
        ...(config.servesHttp ? [OperationsModule] : []),
      ],
    };
  }
}
