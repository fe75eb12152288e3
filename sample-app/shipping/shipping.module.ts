import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NetworkModule } from '../network/network.module.js';
import { CARRIERS, type Carrier } from './carrier.js';
import { CourierCarrier } from './carriers/courier.carrier.js';
import { PostCarrier } from './carriers/post.carrier.js';
import { ParcelTracking } from './parcel-tracking.service.js';
import { ShipmentEntity } from './shipment.entity.js';
import { ShipmentWorkflow } from './shipment.workflow.js';
import { ShippingService } from './shipping.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([ShipmentEntity]), NetworkModule],
  providers: [
    ShippingService,
    ParcelTracking,
    ShipmentWorkflow,
    PostCarrier,
    CourierCarrier,
    {
      provide: CARRIERS,
      inject: [PostCarrier, CourierCarrier],
      useFactory: (...carriers: Carrier[]): readonly Carrier[] => carriers,
    },
  ],
  exports: [ShippingService],
})
export class ShippingModule {}
