import { Injectable } from '@nestjs/common';
import type { JsonValue } from '../../../lib/index.js';
import { SimulatedNetwork } from '../../network/simulated-network.service.js';
import type { Message } from './conversation.js';
import { SupportModel, resultsOf, type ModelTurn } from './support-model.js';

type Result = Readonly<Record<string, JsonValue>>;

/**
 * Stands for a language model at the other end of the network. It reads like one that was told: look the order up first,
 * take back what came broken, and ask a colleague about everything else.
 */
@Injectable()
export class ScriptedModel extends SupportModel {
  constructor(private readonly network: SimulatedNetwork) {
    super();
  }

  next(messages: readonly Message[], _tools: unknown, signal: AbortSignal): Promise<ModelTurn> {
    return this.network.roundTrip('model.next', () => Promise.resolve(decide(messages)), signal);
  }
}

function decide(messages: readonly Message[]): ModelTurn {
  const question = messages.flatMap((message) => (message.from === 'customer' ? [message.text] : [])).join(' ');
  const [order] = resultsOf(messages, 'lookUpOrder') as Result[];
  if (order === undefined) return { type: 'call', tool: 'lookUpOrder', input: {} };
  if (/\b(where|when)\b/i.test(question)) return answer(whereabouts(order));
  if (/\b(broken|wrong|return|money)\b/i.test(question)) return takeBack(messages, question);
  const [colleague] = resultsOf(messages, 'askColleague') as Result[];
  if (colleague === undefined) return { type: 'call', tool: 'askColleague', input: { question } };
  return answer(String(colleague.answer ?? colleague.note ?? 'We are sorry, we do not know.'));
}

function takeBack(messages: readonly Message[], reason: string): ModelTurn {
  const [taken] = resultsOf(messages, 'startReturn') as Result[];
  if (taken === undefined) return { type: 'call', tool: 'startReturn', input: { reason } };
  if (taken.refused === true) return answer(`We cannot take it back: ${String(taken.note ?? 'we are sorry')}.`);
  if (taken.error !== undefined) return answer('We can take it back once you have it.');
  return answer('Please send it back. You get your money as soon as it is here.');
}

function whereabouts({ status, trackingCode }: Result): string {
  if (status === 'delivered') return 'It was delivered.';
  return trackingCode === null ? `It is ${String(status)}.` : `It is on its way as ${String(trackingCode)}.`;
}

function answer(text: string): ModelTurn {
  return { type: 'answer', text };
}
