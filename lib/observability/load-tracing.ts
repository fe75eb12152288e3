import type { LoggerService } from '@nestjs/common';
import { OpenTelemetryTracing, type OpenTelemetryApi } from './opentelemetry-tracing.js';
import type { Tracing } from './tracing.interface.js';

/** In a variable, so that nothing that follows imports takes the optional peer for a needed one. */
const API = '@opentelemetry/api';

/** Tracing by OpenTelemetry where its API is installed, else `null`. Never rejects. */
export async function loadTracing(logger: Pick<LoggerService, 'warn'>): Promise<Tracing | null> {
  try {
    return new OpenTelemetryTracing((await import(API)) as OpenTelemetryApi);
  } catch (error) {
    if (!isNotInstalled(error)) logger.warn(`Runs are not traced: ${API} could not be loaded: ${String(error)}`);
    return null;
  }
}

function isNotInstalled(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
