import { Injectable, type PipeTransform } from '@nestjs/common';
import { BodyReader, FREE_TEXT } from '../http/body-reader.js';
import type { Approval } from './approval.js';

/** Turns the body of `POST /orders/:id/approval` into an {@link Approval}, or answers 400. */
@Injectable()
export class ApprovalPipe implements PipeTransform<unknown, Approval> {
  transform(received: unknown): Approval {
    const body = new BodyReader(received);
    return body.finish({ approved: body.flag('approved'), by: body.text('by', FREE_TEXT) });
  }
}
