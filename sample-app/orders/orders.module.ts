import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { ShippingModule } from '../shipping/shipping.module.js';
import { StockModule } from '../stock/stock.module.js';
import { WarehouseModule } from '../warehouse/warehouse.module.js';
import { OrderBook } from './order-book.service.js';
import { OrderMessages } from './order-messages.service.js';
import { OrderEntity } from './order.entity.js';
import { OrderWorkflow } from './order.workflow.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';

/** Workflows are ordinary providers: `OrderWorkflow` stands beside the services that it uses. */
@Module({
  imports: [
    TypeOrmModule.forFeature([OrderEntity]),
    PaymentsModule,
    StockModule,
    WarehouseModule,
    ShippingModule,
    NotificationsModule,
  ],
  controllers: [OrdersController],
  providers: [OrdersService, OrderBook, OrderMessages, OrderWorkflow],
  exports: [OrdersService, OrderMessages],
})
export class OrdersModule {}
