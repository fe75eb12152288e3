import type { JsonValue } from '../../../lib/index.js';
import type { Message, ToolCall } from './conversation.js';
import type { Tool } from './tool.interface.js';

/** What a model does when it is its turn. */
export type ModelTurn =
  | { readonly type: 'answer'; readonly text: string }
  | { readonly type: 'call'; readonly tool: string; readonly input: Readonly<Record<string, JsonValue>> };

/**
 * A language model. Bind another class to it to use a real one: nothing else in this folder knows which model it is.
 *
 * Turns may differ from one call to the next, so the agent stores each before it acts on it.
 */
export abstract class SupportModel {
  abstract next(
    messages: readonly Message[],
    tools: readonly Pick<Tool, 'name' | 'description'>[],
    signal: AbortSignal,
  ): Promise<ModelTurn>;
}

/** The results of the calls to one tool, the last one first. */
export function resultsOf(messages: readonly Message[], tool: string): JsonValue[] {
  const calls = new Set(
    messages
      .flatMap((message): ToolCall[] => (message.from === 'model' ? [message.call] : []))
      .filter((call) => call.tool === tool)
      .map(({ id }) => id),
  );
  return messages
    .flatMap((message) => (message.from === 'tool' && calls.has(message.callId) ? [message.result] : []))
    .reverse();
}
