import { BadRequestException, Catch, ConflictException, NotFoundException, type ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { DurableError, IdempotencyConflictError, InvalidPayloadError, RunNotFoundError } from '../../lib/index.js';

/** Answers 404, 409 and 400 where the engine's errors mean that. Everything else stays a 500. */
@Catch(DurableError)
export class DurableErrorFilter extends BaseExceptionFilter {
  override catch(error: DurableError, host: ArgumentsHost): void {
    super.catch(toHttp(error), host);
  }
}

function toHttp(error: DurableError): Error {
  if (error instanceof RunNotFoundError) return new NotFoundException(error.message);
  if (error instanceof IdempotencyConflictError) return new ConflictException(error.message);
  if (error instanceof InvalidPayloadError) return new BadRequestException(error.message);
  return error;
}
