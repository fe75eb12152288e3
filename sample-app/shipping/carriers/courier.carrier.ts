import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Carrier } from '../carrier.js';

@Injectable()
export class CourierCarrier implements Carrier {
  readonly name = 'courier';

  trackingCode(): string {
    return `CX-${randomBytes(6).toString('hex').toUpperCase()}`;
  }
}
