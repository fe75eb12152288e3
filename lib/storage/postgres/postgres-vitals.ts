import type { Clock } from '../../common/clock.js';
import { MOST_COUNTED, type DueRuns, type StatusCount, type Vitals } from '../contract/vitals.contract.js';
import type { EnginePool } from './connection/engine-pool.js';
import { countDue } from './sql/count-due.sql.js';
import { countRuns } from './sql/count-runs.sql.js';

/** {@link Vitals} on PostgreSQL. Nothing is repeated: who watches asks again soon. */
export class PostgresVitals implements Vitals {
  /** @param schema already quoted */
  constructor(
    private readonly pool: EnginePool,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {}

  async counts(): Promise<readonly StatusCount[]> {
    return (await this.pool.query<StatusCount>(countRuns(this.schema))).rows;
  }

  async due(queue: string): Promise<readonly DueRuns[]> {
    return (await this.pool.query<DueRuns>(countDue(this.schema, queue, MOST_COUNTED, this.clock.fixed()))).rows;
  }
}
