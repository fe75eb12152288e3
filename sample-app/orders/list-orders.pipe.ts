import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';
import type { OrderFilter } from './order-book.service.js';
import { ORDER_STATUSES } from './order.entity.js';

const LARGEST_PAGE = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Turns the query of `GET /orders` into an {@link OrderFilter}. */
@Injectable()
export class ListOrdersPipe implements PipeTransform<Readonly<Record<string, unknown>>, OrderFilter> {
  transform({ status, before, limit = '20' }: Readonly<Record<string, unknown>>): OrderFilter {
    const problems: string[] = [];
    const known = ORDER_STATUSES.find((candidate) => candidate === status);
    if (status !== undefined && known === undefined)
      problems.push(`status must be one of ${ORDER_STATUSES.join(', ')}`);
    if (before !== undefined && !UUID.test(String(before)))
      problems.push('before must be the "next" of an earlier page');
    const size = Number(limit);
    if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) {
      problems.push(`limit must be a whole number from 1 to ${LARGEST_PAGE}`);
    }
    if (problems.length > 0) throw new BadRequestException(problems);
    return { ...(known && { status: known }), ...(before !== undefined && { before: String(before) }), limit: size };
  }
}
