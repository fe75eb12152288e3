import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Carrier } from '../carrier.js';

@Injectable()
export class PostCarrier implements Carrier {
  readonly name = 'post';

  trackingCode(): string {
    return `RR${String(randomInt(1_000_000_000)).padStart(9, '0')}`;
  }
}
