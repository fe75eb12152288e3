import type { JsonValue } from '../../../lib/index.js';

/** A tool that the model wants to be used. */
export interface ToolCall {
  /** Unique in the conversation: the tool's idempotency key is made of it. */
  readonly id: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, JsonValue>>;
}

export type Message =
  | { readonly from: 'customer'; readonly text: string }
  | { readonly from: 'model'; readonly call: ToolCall }
  | { readonly from: 'tool'; readonly callId: string; readonly result: JsonValue };

/** The call whose result is still missing: it is always the last message. */
export function openCall(messages: readonly Message[]): ToolCall | null {
  const last = messages.at(-1);
  return last?.from === 'model' ? last.call : null;
}
