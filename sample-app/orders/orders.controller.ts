import { randomUUID } from 'node:crypto';
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Res,
  UseFilters,
} from '@nestjs/common';
import { SAFE_ID } from '../http/body-reader.js';
import { DurableErrorFilter } from '../http/durable-error.filter.js';
import type { Reply } from '../http/reply.js';
import type { Approval } from './approval.js';
import { ApprovalPipe } from './approval.pipe.js';
import { ListOrdersPipe } from './list-orders.pipe.js';
import type { OrderFilter } from './order-book.service.js';
import { OrderRequestPipe } from './order-request.pipe.js';
import { OrderEntity } from './order.entity.js';
import type { OrderRequest } from './order.interface.js';
import { OrdersService } from './orders.service.js';

@Controller('orders')
@UseFilters(DurableErrorFilter)
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  /** 201 for a new order, 200 for one that was placed before under the same id. */
  @Post()
  async place(
    @Body(OrderRequestPipe) request: OrderRequest,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<OrderEntity> {
    const { created, order } = await this.orders.place({ ...request, id: orderId(request.id, key) });
    reply.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return order;
  }

  /** Newest first; `next` is the `before` of the following page. */
  @Get()
  async list(@Query(ListOrdersPipe) filter: OrderFilter): Promise<{ orders: OrderEntity[]; next: string | null }> {
    const orders = await this.orders.list(filter);
    return { orders, next: orders.length === filter.limit ? orders[orders.length - 1].runId : null };
  }

  @Get(':id')
  watch(@Param('id') id: string) {
    return this.orders.watch(id);
  }

  @Get(':id/journal')
  journal(@Param('id') id: string) {
    return this.orders.journal(id);
  }

  /** 202: the decision on a large order is on its way. 409 when none is wanted (any more). */
  @Post(':id/approval')
  @HttpCode(HttpStatus.ACCEPTED)
  decide(@Param('id') id: string, @Body(ApprovalPipe) decision: Approval): Promise<OrderEntity> {
    return this.orders.decide(id, decision);
  }

  /** 202: the order is closed as soon as everything is undone. 409 when it is too late. */
  @Post(':id/cancel')
  @HttpCode(HttpStatus.ACCEPTED)
  cancel(@Param('id') id: string, @Body('reason') reason: unknown): Promise<OrderEntity> {
    return this.orders.cancel(id, typeof reason === 'string' ? reason.slice(0, 200) : 'canceled by the customer');
  }
}

function orderId(fromBody: string | undefined, fromHeader: string | undefined): string {
  if (fromHeader !== undefined && !SAFE_ID.test(fromHeader)) {
    throw new BadRequestException([`Idempotency-Key must match ${SAFE_ID.source}`]);
  }
  if (fromBody !== undefined && fromHeader !== undefined && fromBody !== fromHeader) {
    throw new BadRequestException(['id and Idempotency-Key must be the same where both are given']);
  }
  return fromBody ?? fromHeader ?? randomUUID();
}
