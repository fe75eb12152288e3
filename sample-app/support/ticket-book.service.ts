import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { TicketEntity } from './ticket.entity.js';
import type { Ticket } from './ticket.workflow.js';

/** The read model of tickets. */
@Injectable()
export class TicketBook {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async open(manager: EntityManager, { id, orderId, question }: Ticket, runId: string): Promise<void> {
    await manager.insert(TicketEntity, { id, runId, orderId, question, status: 'open' });
  }

  async answer(manager: EntityManager, id: string, answer: string): Promise<void> {
    await manager.update(
      TicketEntity,
      { id, status: 'open' },
      { status: 'answered', answer, answeredAt: () => 'now()' },
    );
  }

  find(id: string): Promise<TicketEntity | null> {
    return this.dataSource.getRepository(TicketEntity).findOneBy({ id });
  }
}
