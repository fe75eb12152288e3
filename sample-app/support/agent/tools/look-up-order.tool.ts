import { Injectable } from '@nestjs/common';
import type { JsonValue } from '../../../../lib/index.js';
import { OrdersService } from '../../../orders/orders.service.js';
import type { Tool, ToolUse } from '../tool.interface.js';

@Injectable()
export class LookUpOrderTool implements Tool {
  readonly name = 'lookUpOrder';
  readonly description = 'Tells how the order stands, and its tracking code.';
  readonly needsPerson = false;

  constructor(private readonly orders: OrdersService) {}

  async use({ orderId }: ToolUse): Promise<JsonValue> {
    const { status, trackingCode } = await this.orders.get(orderId);
    return { status, trackingCode };
  }
}
