import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrdersModule } from '../orders/orders.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { StockModule } from '../stock/stock.module.js';
import { ReturnBook } from './return-book.service.js';
import { ReturnEntity } from './return.entity.js';
import { ReturnWorkflow } from './return.workflow.js';
import { ReturnsController } from './returns.controller.js';
import { ReturnsService } from './returns.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([ReturnEntity]), OrdersModule, PaymentsModule, StockModule],
  controllers: [ReturnsController],
  providers: [ReturnsService, ReturnBook, ReturnWorkflow],
  exports: [ReturnsService],
})
export class ReturnsModule {}
