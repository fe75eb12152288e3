import { Module } from '@nestjs/common';
import { SimulatedNetwork } from './simulated-network.service.js';

@Module({ providers: [SimulatedNetwork], exports: [SimulatedNetwork] })
export class NetworkModule {}
