import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NetworkModule } from '../network/network.module.js';
import { FakePaymentProvider } from './fake-payment-provider.service.js';
import { PaymentEntity } from './payment.entity.js';
import { PaymentsService } from './payments.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([PaymentEntity]), NetworkModule],
  providers: [PaymentsService, FakePaymentProvider],
  exports: [PaymentsService],
})
export class PaymentsModule {}
