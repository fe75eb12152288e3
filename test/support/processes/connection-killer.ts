import type { Client } from 'pg';
import { APPLICATION_POOL } from '../crash-app/settings.js';

/** A machine that is slow makes connections slowly; without a time to live none of them would get anything done. */
const LEFT_ALONE_MS = 250;

/** Picks a role first, so that the one control connection is hit as often as the many of the pools. */
const KILL = `
with backend as (
  select pid, regexp_replace(application_name, '^nest-durable:|-\\d+$', '', 'g') as role
    from pg_stat_activity
   where datname = current_database() and (application_name like 'nest-durable:%' or application_name = '${APPLICATION_POOL}')
     and backend_start < clock_timestamp() - interval '${LEFT_ALONE_MS} ms'
), chosen as (
  select role, (array_agg(pid order by random()))[1] as pid
    from backend where role = coalesce($1, role) group by role order by random() limit 1
)
select role, pg_terminate_backend(pid) as hit from chosen`;

/** Ends a connection of the tested processes every few milliseconds, whatever it is doing, unless it is very young. */
export class ConnectionKiller {
  /** How often connections of each role were killed: `checkpoint`, `control`, `pool`, `admin`, and the application's. */
  readonly kills: Record<string, number> = {};
  private timer: NodeJS.Timeout | null = null;
  private killing: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: Client,
    private readonly everyMs: number,
    /** Leaves the connections of all other roles alone. */
    private readonly role: string | null = null,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.killing = this.killing.then(() => this.kill());
      this.killing.catch(() => clearInterval(this.timer!)); // `stop` throws it
    }, this.everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer!);
    await this.killing;
  }

  /** Number of kills of all roles. */
  get total(): number {
    return Object.values(this.kills).reduce((sum, kills) => sum + kills, 0);
  }

  private async kill(): Promise<void> {
    const { rows } = await this.client.query<{ role: string; hit: boolean }>(KILL, [this.role]);
    for (const { role, hit } of rows) if (hit) this.kills[role] = (this.kills[role] ?? 0) + 1;
  }
}
