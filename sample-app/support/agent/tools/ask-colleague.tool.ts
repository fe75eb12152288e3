import { Injectable } from '@nestjs/common';
import type { JsonValue } from '../../../../lib/index.js';
import type { Tool, ToolUse } from '../tool.interface.js';

@Injectable()
export class AskColleagueTool implements Tool {
  readonly name = 'askColleague';
  readonly description = 'Asks a colleague who knows more.';
  readonly needsPerson = true;

  use({ verdict }: ToolUse): Promise<JsonValue> {
    return Promise.resolve({ answer: verdict?.note ?? null });
  }
}
