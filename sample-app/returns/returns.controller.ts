import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Res,
  UseFilters,
  type PipeTransform,
} from '@nestjs/common';
import { BodyReader, FREE_TEXT } from '../http/body-reader.js';
import { DurableErrorFilter } from '../http/durable-error.filter.js';
import type { Reply } from '../http/reply.js';
import { ReturnEntity } from './return.entity.js';
import { CONDITIONS, type Arrival } from './return.workflow.js';
import { ReturnsService } from './returns.service.js';

const reasonPipe: PipeTransform<unknown, { reason: string }> = {
  transform: (received) => {
    const body = new BodyReader(received);
    return body.finish({ reason: body.text('reason', FREE_TEXT) });
  },
};

const arrivalPipe: PipeTransform<unknown, Arrival> = {
  transform: (received) => {
    const body = new BodyReader(received);
    return body.finish({ condition: body.choice('condition', CONDITIONS) });
  },
};

@Controller('orders/:id/return')
@UseFilters(DurableErrorFilter)
export class ReturnsController {
  constructor(private readonly returns: ReturnsService) {}

  /** 201; 200 when it was asked for before. 409 when the order is not with the customer. */
  @Post()
  async request(
    @Param('id') id: string,
    @Body(reasonPipe) { reason }: { reason: string },
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ReturnEntity> {
    const { created, found } = await this.returns.request(id, reason);
    reply.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return found;
  }

  @Get()
  watch(@Param('id') id: string): Promise<ReturnEntity> {
    return this.returns.get(id);
  }

  /** The warehouse: the parcel is here. 202, or 409 when the return is over. */
  @Post('arrival')
  @HttpCode(HttpStatus.ACCEPTED)
  arrived(@Param('id') id: string, @Body(arrivalPipe) arrival: Arrival): Promise<ReturnEntity> {
    return this.returns.decide(id, { signal: 'arrived', payload: arrival });
  }

  /** The customer: I keep it. 202, or 409 when the return is over. */
  @Post('withdrawal')
  @HttpCode(HttpStatus.ACCEPTED)
  kept(@Param('id') id: string): Promise<ReturnEntity> {
    return this.returns.decide(id, { signal: 'kept', payload: null });
  }
}
