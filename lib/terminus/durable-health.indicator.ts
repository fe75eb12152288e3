import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { DurableHealth, type HealthOptions } from '../observability/durable-health.js';

/**
 * The engine's health as an indicator of terminus: `down` when the worker holds no lease, the database does not answer, the
 * schema is behind, or what is due waits too long. List it among the providers of the module that has the health controller.
 *
 * @example
 * ```ts
 * @Get('ready')
 * @HealthCheck()
 * check() {
 *   return this.health.check([() => this.durable.isHealthy('durable', { maxBacklogAge: '1m' })]);
 * }
 * ```
 */
@Injectable()
export class DurableHealthIndicator {
  constructor(
    @Inject(DurableHealth) private readonly health: DurableHealth,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  /** @throws InvalidDurationError, InvalidOptionError for options that cannot be used. */
  async isHealthy<const Key extends string = 'durable'>(
    key: Key = 'durable' as Key,
    options: HealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const { status, ...details } = await this.health.check(options);
    const session = this.indicators.check(key);
    return status === 'up' ? session.up(details) : session.down(details);
  }
}
