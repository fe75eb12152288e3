import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Channel } from '../notifications/notification.entity.js';
import { NotificationsService, type Notification } from '../notifications/notifications.service.js';
import type { Order } from './order.interface.js';

const APPROVERS = 'approvals@shop.example';

type Recipient = Pick<Order, 'id' | 'email'>;

/** What the shop says about an order, and to whom. */
@Injectable()
export class OrderMessages {
  constructor(private readonly notifications: NotificationsService) {}

  /** Part of the caller's transaction. */
  approvalWanted(manager: EntityManager, { id }: Recipient): Promise<void> {
    return this.notifications.enqueue(manager, { orderId: id, template: 'approval-wanted', recipient: APPROVERS });
  }

  /** Part of the caller's transaction. */
  tell(manager: EntityManager, template: Notification['template'], { id, email }: Recipient): Promise<void> {
    return this.notifications.enqueue(manager, { orderId: id, template, recipient: email });
  }

  /** At once, by one provider or the other. */
  confirm(channel: Channel, orderId: string, recipient: string, key: string, signal?: AbortSignal): Promise<void> {
    return this.notifications.send(channel, { orderId, template: 'order-confirmed', recipient }, key, signal);
  }
}
