import { HttpException, Inject, Injectable } from '@nestjs/common';
import {
  IdempotencyConflictError,
  NonRetryableError,
  type DurableContext,
  type JsonValue,
} from '../../../lib/index.js';
import type { Ticket } from '../ticket.workflow.js';
import { openCall, type Message, type ToolCall } from './conversation.js';
import { SupportModel } from './support-model.js';
import { TOOLS, type Tool, type Verdict } from './tool.interface.js';

export interface AgentAnswer {
  readonly status: 'answered';
  readonly text: string;
}

/** The agent waits for a person. `status` is what makes the engine park the step. */
export interface AgentSuspension {
  readonly status: 'suspended';
  readonly call: ToolCall;
  readonly messages: readonly Message[];
}

/** A model that goes round in circles is stopped; every ticket of this shop takes fewer. */
const MOST_CALLS = 10;

/**
 * A tool-calling agent inside one step. It asks the model, uses the tool that the model wants, tells it the result, and
 * so on until the model answers.
 *
 * What must survive is stored before it is acted upon: each turn of the model and each result of a tool by `heartbeat`,
 * so that a crash costs the call that was under way and no other, and repeats a tool under its old key; and a wait for a
 * person by returning a suspension, which holds no process however long the person takes.
 */
@Injectable()
export class SupportAgent {
  private readonly tools: ReadonlyMap<string, Tool>;

  constructor(
    private readonly model: SupportModel,
    @Inject(TOOLS) tools: readonly Tool[],
  ) {
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  async work(ctx: DurableContext<Ticket>): Promise<AgentAnswer | AgentSuspension> {
    const messages = remembered(ctx);
    for (;;) {
      const call = openCall(messages);
      if (call === null) {
        const turn = await this.model.next(messages, [...this.tools.values()], ctx.abortSignal);
        if (turn.type === 'answer') return { status: 'answered', text: turn.text };
        messages.push({ from: 'model', call: { id: `call-${messages.length}`, tool: turn.tool, input: turn.input } });
      } else {
        const result = await this.use(call, ctx);
        if (result === undefined) return { status: 'suspended', call, messages };
        messages.push({ from: 'tool', callId: call.id, result });
      }
      if (messages.length > 2 * MOST_CALLS) throw new NonRetryableError('the agent found no answer');
      await ctx.heartbeat(messages);
    }
  }

  /** @returns `undefined` while a person has to speak first. */
  private async use({ id, tool: name, input }: ToolCall, ctx: DurableContext<Ticket>): Promise<JsonValue | undefined> {
    const tool = this.tools.get(name);
    if (tool === undefined) return { error: `there is no tool ${name}` };
    const verdict = verdictOn(id, ctx);
    if (tool.needsPerson && verdict === null) return undefined;
    if (verdict?.approved === false) return { refused: true, note: verdict.note };
    try {
      return await tool.use({
        orderId: ctx.input.orderId,
        input,
        verdict,
        idempotencyKey: `${ctx.idempotencyKey}:${id}`,
      });
    } catch (error) {
      // A refusal is news for the model. Anything else may pass, so the step is repeated.
      if (error instanceof HttpException || error instanceof IdempotencyConflictError) return { error: error.message };
      throw error;
    }
  }
}

/** The conversation as far as it is stored: by the suspension, or further by an attempt that was cut off later. */
function remembered(ctx: DurableContext<Ticket>): Message[] {
  const suspended = ctx.signal<AgentSuspension>(ctx.stepName)?.messages ?? [];
  const progressed = (ctx.progress ?? []) as Message[];
  const longest = progressed.length > suspended.length ? progressed : suspended;
  return longest.length > 0 ? [...longest] : [{ from: 'customer', text: ctx.input.question }];
}

/** What `resume` brought counts for the call that it names: another one may be waiting by now. */
function verdictOn(callId: string, ctx: DurableContext): Verdict | null {
  const verdict = ctx.resumeData<Verdict>();
  return verdict?.callId === callId ? verdict : null;
}
