import { randomUUID } from 'node:crypto';
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
import { BodyReader, FREE_TEXT, SAFE_ID } from '../http/body-reader.js';
import { DurableErrorFilter } from '../http/durable-error.filter.js';
import type { Reply } from '../http/reply.js';
import type { Verdict } from './agent/tool.interface.js';
import { SupportService, type TicketView } from './support.service.js';

interface Question {
  readonly id: string;
  readonly orderId: string;
  readonly question: string;
}

const questionPipe: PipeTransform<unknown, Question> = {
  transform: (received) => {
    const body = new BodyReader(received);
    return body.finish({
      id: body.optionalText('id', SAFE_ID) ?? randomUUID(),
      orderId: body.text('orderId', SAFE_ID),
      question: body.text('question', FREE_TEXT),
    });
  },
};

const verdictPipe: PipeTransform<unknown, Verdict> = {
  transform: (received) => {
    const body = new BodyReader(received);
    return body.finish({
      callId: body.text('callId', SAFE_ID),
      approved: body.flag('approved'),
      by: body.text('by', FREE_TEXT),
      note: body.optionalText('note', FREE_TEXT) ?? null,
    });
  },
};

@Controller('tickets')
@UseFilters(DurableErrorFilter)
export class SupportController {
  constructor(private readonly support: SupportService) {}

  /** 201; 200 for a ticket that was opened before under the same id. */
  @Post()
  async ask(@Body(questionPipe) question: Question, @Res({ passthrough: true }) reply: Reply): Promise<TicketView> {
    const { created, view } = await this.support.ask(question);
    reply.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return view;
  }

  @Get(':id')
  watch(@Param('id') id: string): Promise<TicketView> {
    return this.support.watch(id);
  }

  /** A colleague's word on the call that the agent waits with. 202, or 409 when it waits for nothing of the kind. */
  @Post(':id/answer')
  @HttpCode(HttpStatus.ACCEPTED)
  answer(@Param('id') id: string, @Body(verdictPipe) verdict: Verdict): Promise<TicketView> {
    return this.support.answer(id, verdict);
  }
}
