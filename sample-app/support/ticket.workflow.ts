import { Step, Workflow, type DurableContext } from '../../lib/index.js';
import { OrderMessages } from '../orders/order-messages.service.js';
import { SupportAgent, type AgentAnswer, type AgentSuspension } from './agent/support-agent.service.js';
import { TicketBook } from './ticket-book.service.js';

export interface Ticket {
  readonly id: string;
  readonly orderId: string;
  /** Who is answered. */
  readonly email: string;
  readonly question: string;
}

type Context = DurableContext<Ticket, TicketWorkflow>;

/** Answers a customer. All the thinking is one step, which may wait for a person several times. */
@Workflow({ name: 'support-ticket', version: 1 })
export class TicketWorkflow {
  constructor(
    private readonly supportAgent: SupportAgent,
    private readonly tickets: TicketBook,
    private readonly messages: OrderMessages,
  ) {}

  /** Suspended with the call that needs a person; entered again with what the person says. */
  @Step({ maxAttempts: 5, timeout: '2m' })
  agent(ctx: Context): Promise<AgentAnswer | AgentSuspension> {
    return this.supportAgent.work(ctx);
  }

  @Step({ transactional: true })
  async reply({ input, manager, results }: Context): Promise<void> {
    const { text } = results.agent as AgentAnswer;
    await this.tickets.answer(manager, input.id, text);
    await this.messages.tell(manager, 'ticket-answered', { id: input.orderId, email: input.email });
  }
}
