import type { JsonValue } from '../../../lib/index.js';
import type { ToolCall } from './conversation.js';

/** A person's word on a call. */
export interface Verdict {
  /** The call that it is about. */
  readonly callId: string;
  readonly approved: boolean;
  readonly by: string;
  readonly note: string | null;
}

export interface ToolUse {
  /** The order that the ticket is about. Tools act on no other, whatever a customer writes or a model makes of it. */
  readonly orderId: string;
  readonly input: ToolCall['input'];
  /** Stays the same however often the call is repeated. */
  readonly idempotencyKey: string;
  /** Where the tool needs a person: what the person said. */
  readonly verdict: Verdict | null;
}

/** Something that the agent can do. */
export interface Tool {
  readonly name: string;
  /** What the model is told about it. */
  readonly description: string;
  /** A person has to agree before it is used, or to say something for it. */
  readonly needsPerson: boolean;
  /** Repeated after a crash, under one idempotency key. */
  use(call: ToolUse): Promise<JsonValue>;
}

/** Injection token of all tools. */
export const TOOLS = Symbol('TOOLS');
