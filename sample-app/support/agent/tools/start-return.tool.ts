import { Injectable } from '@nestjs/common';
import type { JsonValue } from '../../../../lib/index.js';
import { ReturnsService } from '../../../returns/returns.service.js';
import type { Tool, ToolUse } from '../tool.interface.js';

/** One return an order: a repeated call finds the one that it started. */
@Injectable()
export class StartReturnTool implements Tool {
  readonly name = 'startReturn';
  readonly description = 'Takes the order back and refunds it once it has arrived. A colleague has to agree.';
  readonly needsPerson = true;

  constructor(private readonly returns: ReturnsService) {}

  async use({ orderId, input }: ToolUse): Promise<JsonValue> {
    const { found } = await this.returns.request(orderId, String(input.reason));
    return { status: found.status };
  }
}
