import { HttpException } from '@nestjs/common';
import {
  DurableError,
  InvalidDurationError,
  InvalidNameError,
  InvalidOptionError,
  InvalidPayloadError,
  PayloadTooLargeError,
  RunNotFoundError,
  RunNotRetryableError,
  RunNotSkippableError,
  SchemaMismatchError,
  StoreUnavailableError,
  WorkflowNotRegisteredError,
} from '../../errors/index.js';
import { isQueryCanceled } from '../../storage/postgres/sqlstate.js';
import { DashboardRefusal } from './dashboard-refusal.js';

/**
 * What the page is told about an error; `null` for one that is the server's own business, of which it is told nothing.
 *
 * Messages of the package are written for people and hold no payloads; those of a guard are the application's.
 */
export function refusalOf(error: unknown): DashboardRefusal | null {
  if (error instanceof DashboardRefusal) return error;
  if (error instanceof HttpException) return ofHttp(error);
  if (error instanceof StoreUnavailableError) return ofStore(error);
  if (!(error instanceof DurableError)) return null;
  if (error instanceof RunNotFoundError) return new DashboardRefusal('not_found', 'There is no such run.');
  if (error instanceof WorkflowNotRegisteredError) return new DashboardRefusal('not_found', error.message);
  if (error instanceof PayloadTooLargeError) return new DashboardRefusal('too_large', error.message, 'payload');
  if (error instanceof InvalidPayloadError || error instanceof SchemaMismatchError) {
    return new DashboardRefusal('bad_request', error.message, 'payload');
  }
  if (error instanceof RunNotRetryableError || error instanceof RunNotSkippableError) {
    return new DashboardRefusal('refused', error.message);
  }
  if (error instanceof InvalidOptionError) return new DashboardRefusal('bad_request', error.message, error.option);
  if (error instanceof InvalidNameError || error instanceof InvalidDurationError) {
    return new DashboardRefusal('bad_request', error.message);
  }
  return null;
}

function ofStore(error: StoreUnavailableError): DashboardRefusal {
  if (isQueryCanceled(error.cause)) {
    return new DashboardRefusal('too_slow', 'This took too long. Narrow the filter, by time for example.');
  }
  return new DashboardRefusal('unavailable', 'The database cannot be reached now. Try again in a moment.');
}

function ofHttp(error: HttpException): DashboardRefusal {
  const status = error.getStatus();
  if (status === 401) return new DashboardRefusal('unauthorized', error.message);
  if (status === 403) return new DashboardRefusal('forbidden', error.message);
  if (status === 404) return new DashboardRefusal('not_found', error.message);
  if (status === 413) return new DashboardRefusal('too_large', error.message);
  if (status < 500) return new DashboardRefusal('bad_request', error.message);
  return new DashboardRefusal('unavailable', error.message);
}
