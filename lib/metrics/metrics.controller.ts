import { Controller, Get, Inject, Res, UseGuards, type CanActivate, type Type } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { DurableMetrics } from './durable-metrics.js';

/** Makes the controller of the endpoint; path and guards are the application's. */
export function createMetricsController(path: string, guards: readonly (Type<CanActivate> | CanActivate)[]): Type {
  @Controller(path)
  @UseGuards(...guards)
  class DurableMetricsController {
    constructor(
      @Inject(DurableMetrics) private readonly metrics: DurableMetrics,
      @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    ) {}

    /** In the text format of Prometheus, with whatever else is in the registry. */
    @Get()
    async read(@Res({ passthrough: true }) response: unknown): Promise<string> {
      const { registry } = this.metrics;
      const text = await registry.metrics();
      this.host.httpAdapter.setHeader(response, 'Content-Type', registry.contentType);
      this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
      return text;
    }
  }
  return DurableMetricsController;
}
