import { Injectable, type PipeTransform } from '@nestjs/common';
import { BodyReader, SAFE_ID, isObject } from '../http/body-reader.js';
import { DELIVERIES } from '../shipping/carrier.js';
import type { StockLine } from '../stock/stock.service.js';
import type { OrderRequest } from './order.interface.js';

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/;
const PHONE = /^\+[0-9]{6,15}$/;
const SKU = /^[a-z0-9-]{1,64}$/;
const PAYMENT_TOKEN = /^tok_[a-z0-9_]{1,60}$/;
const ADDRESS = /^addr_[a-z0-9_]{1,60}$/;
const MOST_LINES = 100;
const LARGEST_QUANTITY = 1_000;

/** Turns the body of `POST /orders` into an {@link OrderRequest}, or answers 400 with everything that is wrong. */
@Injectable()
export class OrderRequestPipe implements PipeTransform<unknown, OrderRequest> {
  transform(received: unknown): OrderRequest {
    const body = new BodyReader(received);
    const id = body.optionalText('id', SAFE_ID);
    const request = {
      ...(id !== undefined && { id }),
      email: body.text('email', EMAIL),
      delivery: body.choice('delivery', DELIVERIES, 'standard'),
      paymentToken: body.text('paymentToken', PAYMENT_TOKEN),
    };
    const phone = body.optionalText('phone', PHONE);
    const address = body.optionalText('address', ADDRESS) ?? 'addr_home';
    const lines = readLines(body);
    return body.finish({ ...request, ...(phone !== undefined && { phone }), address, lines });
  }
}

function readLines(body: BodyReader): StockLine[] {
  const value = body.raw('lines');
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_LINES) {
    body.reject(`lines must be an array of 1 to ${MOST_LINES} lines`);
    return [];
  }
  const parsed = value.map((item, index) => readLine(item, `lines[${index}]`, body));
  if (new Set(parsed.map(({ sku }) => sku)).size < parsed.length) body.reject('lines must name each sku once');
  return parsed;
}

function readLine(item: unknown, at: string, body: BodyReader): StockLine {
  const { sku, quantity } = isObject(item) ? item : ({} as Readonly<Record<string, unknown>>);
  if (typeof sku !== 'string' || !SKU.test(sku)) body.reject(`${at}.sku must be a string that matches ${SKU.source}`);
  if (!isQuantity(quantity)) body.reject(`${at}.quantity must be a whole number from 1 to ${LARGEST_QUANTITY}`);
  return { sku: String(sku), quantity: Number(quantity) };
}

function isQuantity(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST_QUANTITY;
}
