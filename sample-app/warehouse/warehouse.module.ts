import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NetworkModule } from '../network/network.module.js';
import { PackingEntity } from './packing.entity.js';
import { WarehouseService } from './warehouse.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([PackingEntity]), NetworkModule],
  providers: [WarehouseService],
  exports: [WarehouseService],
})
export class WarehouseModule {}
