import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ReservationEntity } from './reservation.entity.js';
import { StockEntity } from './stock.entity.js';
import { StockService } from './stock.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([StockEntity, ReservationEntity])],
  providers: [StockService],
  exports: [StockService],
})
export class StockModule {}
