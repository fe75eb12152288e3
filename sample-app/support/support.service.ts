import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DurableRunner, type RunStatus } from '../../lib/index.js';
import { OrdersService } from '../orders/orders.service.js';
import type { ToolCall } from './agent/conversation.js';
import type { AgentSuspension } from './agent/support-agent.service.js';
import type { Verdict } from './agent/tool.interface.js';
import { TicketBook } from './ticket-book.service.js';
import { TicketEntity } from './ticket.entity.js';
import { TicketWorkflow } from './ticket.workflow.js';

export interface TicketView {
  readonly ticket: TicketEntity;
  readonly status: RunStatus;
  /** The call that needs a person. */
  readonly waitingFor: ToolCall | null;
}

/** What the shop offers to customers with questions, and to the colleagues of the agent that answers them. */
@Injectable()
export class SupportService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly runner: DurableRunner,
    private readonly orders: OrdersService,
    private readonly tickets: TicketBook,
  ) {}

  /** Writes the ticket and starts its run in one transaction; one ticket an id. */
  async ask(question: {
    id: string;
    orderId: string;
    question: string;
  }): Promise<{ created: boolean; view: TicketView }> {
    const { email } = await this.orders.get(question.orderId);
    const ticket = { ...question, email };
    const created = await this.dataSource.transaction(async (manager) => {
      const run = await this.runner.start(TicketWorkflow, ticket, { idempotencyKey: ticket.id, manager });
      if (run.created) await this.tickets.open(manager, ticket, run.id);
      return run.created;
    });
    return { created, view: await this.watch(ticket.id) };
  }

  async watch(id: string): Promise<TicketView> {
    const ticket = await this.tickets.find(id);
    if (ticket === null) throw new NotFoundException(`there is no ticket ${id}`);
    const run = await this.runner.find(ticket.runId, { journal: true });
    const suspension = run.journal.findLast(({ kind }) => kind === 'suspension')?.result as AgentSuspension | undefined;
    const waits = run.status === 'suspended' && run.awaitingSignal === 'resume:agent';
    return { ticket, status: run.status, waitingFor: waits && suspension ? suspension.call : null };
  }

  /**
   * Says what the agent waits for.
   *
   * @throws ConflictException when it does not wait for a word on this call (any more).
   */
  async answer(id: string, verdict: Verdict): Promise<TicketView> {
    const { ticket, waitingFor } = await this.watch(id);
    const waits = waitingFor?.id === verdict.callId && (await this.runner.resume(ticket.runId, verdict)).accepted;
    if (!waits) throw new ConflictException(`ticket ${id} does not wait for a word on ${verdict.callId}`);
    return this.watch(id);
  }
}
