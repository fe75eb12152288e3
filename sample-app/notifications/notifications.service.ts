import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type EntityManager } from 'typeorm';
import { SimulatedNetwork } from '../network/simulated-network.service.js';
import { NotificationEntity, type Channel } from './notification.entity.js';

export interface Notification {
  readonly orderId: string;
  readonly template:
    | 'approval-wanted'
    | 'order-confirmed'
    | 'order-delivered'
    | 'order-closed'
    | 'return-instructions'
    | 'return-settled'
    | 'ticket-answered';
  readonly recipient: string;
}

/** Tells people, in two ways: later and for certain, or at once. */
@Injectable()
export class NotificationsService {
  constructor(
    @InjectRepository(NotificationEntity) private readonly messages: Repository<NotificationEntity>,
    private readonly network: SimulatedNetwork,
  ) {}

  /** Writes a mail into the outbox, in the caller's transaction: it exists if and only if its reason does. */
  async enqueue(manager: EntityManager, notification: Notification): Promise<void> {
    await manager.insert(NotificationEntity, { ...notification, channel: 'email' });
  }

  /** Has the provider send a message now, one a key. */
  send(channel: Channel, notification: Notification, idempotencyKey: string, signal?: AbortSignal): Promise<void> {
    const send = async (): Promise<void> => {
      const message = { ...notification, channel, idempotencyKey };
      await this.messages.createQueryBuilder().insert().values(message).orIgnore().execute();
    };
    return this.network.roundTrip(`messages.${channel}`, send, signal);
  }
}
