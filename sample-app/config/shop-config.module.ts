import { Module, type DynamicModule } from '@nestjs/common';
import { ShopConfig } from './shop-config.js';

/** Makes the configuration injectable everywhere. */
@Module({})
export class ShopConfigModule {
  static register(config: ShopConfig): DynamicModule {
    return {
      module: ShopConfigModule,
      global: true,
      providers: [{ provide: ShopConfig, useValue: config }],
      exports: [ShopConfig],
    };
  }
}
