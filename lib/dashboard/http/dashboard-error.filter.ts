import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { ErrorAnswer } from '../api/dashboard-api.contract.js';
import { HttpExchange } from './http-exchange.js';
import { refusalOf } from './refusal-of.js';

/** Answers every error of the dashboard's routes, its guards' included, in one shape and with its headers. */
@Catch()
export class DashboardErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('DurableDashboard');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const refusal = refusalOf(error);
    if (!refusal) this.logger.error(error);
    const { code, message, field, status } = refusal ?? {
      code: 'internal' as const,
      message: 'Something went wrong. The log of the server has it.',
      field: undefined,
      status: 500,
    };
    const answer: ErrorAnswer = { error: field === undefined ? { code, message } : { code, message, field } };
    new HttpExchange(http.getRequest(), http.getResponse()).sendJson(answer, status);
  }
}
