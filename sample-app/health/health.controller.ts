import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { DurableHealth } from '../../lib/index.js';
import { ShopConfig, type ShopRole } from '../config/shop-config.js';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: DurableHealth,
    private readonly config: ShopConfig,
  ) {}

  /** 200 while this process can do its work, 503 with the reasons otherwise. A backlog is no reason to restart it. */
  @Get()
  async check(): Promise<{ status: 'ok'; role: ShopRole }> {
    const { status, problems } = await this.health.check({ maxBacklogAge: false });
    if (status === 'down') throw new ServiceUnavailableException(problems.join('; '));
    return { status: 'ok', role: this.config.role };
  }
}
