import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Pool } from 'pg';
import type { DurableContext } from '../../../lib/index.js';
import { LEDGER_POOL, type CrashAppSettings } from './settings.js';

export const CRASH_APP_SETTINGS = 'CRASH_APP_SETTINGS';

/**
 * Writes down what steps did to the world, so that a test can tell afterwards what happened how often: effects inside the
 * step's transaction, and effects outside of it, on connections of the ledger's own.
 */
@Injectable()
export class Ledger implements OnApplicationShutdown {
  private readonly pool: Pool;

  constructor(@Inject(CRASH_APP_SETTINGS) settings: CrashAppSettings) {
    const connectionString = settings.ledgerUrl ?? settings.url;
    this.pool = new Pool({ connectionString, max: 3, application_name: LEDGER_POOL });
    this.pool.on('error', () => undefined); // the database went away under an idle connection
  }

  /** An effect that no transaction takes back. Its beginning is written down first, its end after `latencyMs`. */
  async outside(ctx: DurableContext, latencyMs = 0): Promise<void> {
    const { rows } = await this.pool.query<{ id: string }>(
      `insert into outside_effect (run_id, step, attempt, key, pid, began_at)
       values ($1, $2, $3, $4, $5, clock_timestamp()) returning id`,
      [ctx.runId, ctx.stepName, ctx.attempt, ctx.idempotencyKey, process.pid],
    );
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    await this.pool.query('update outside_effect set ended_at = clock_timestamp() where id = $1', [rows[0].id]);
  }

  /** An effect in the step's own transaction. */
  async inside(ctx: DurableContext): Promise<void> {
    await ctx.manager.query(
      `insert into inside_effect (run_id, step, attempt, key, pid, began_at)
       values ($1, $2, $3, $4, $5, clock_timestamp())`,
      [ctx.runId, ctx.stepName, ctx.attempt, ctx.idempotencyKey, process.pid],
    );
  }

  /** How often this step has begun, the present time included. */
  async beginnings(ctx: DurableContext): Promise<number> {
    const { rows } = await this.pool.query<{ count: number }>(
      'select count(*)::int as count from outside_effect where run_id = $1 and step = $2',
      [ctx.runId, ctx.stepName],
    );
    return rows[0].count;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
