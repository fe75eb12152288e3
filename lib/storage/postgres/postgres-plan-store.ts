import type { QueryResultRow } from 'pg';
import type { Clock } from '../../common/clock.js';
import type {
  Adoption,
  FootprintCount,
  Movable,
  MovableFilter,
  Move,
  PlaceCount,
  PlanPlace,
  PlanStore,
  RunCount,
  StoredDefinition,
} from '../contract/plan-store.contract.js';
import type { PlanRef } from '../contract/records.js';
import type { EnginePool } from './connection/engine-pool.js';
import { withRetry } from './retry.js';
import type { OpenOrder, RunOrders } from './run-orders.js';
import { adoptPlan } from './sql/adopt-plan.sql.js';
import { moveRun, renameParentKeys, renameUnits } from './sql/move-run.sql.js';
import { listFootprints, listMovable, listPlaces } from './sql/plan-places.sql.js';
import { releaseStopped, withdrawReleased } from './sql/release-stopped.sql.js';
import {
  findDefinition,
  findDefinitionByHash,
  findStoredDefinitions,
  saveDefinitions,
} from './sql/save-definitions.sql.js';
import type { SqlStatement } from './sql/sql-statement.js';

/** A restarted server is back within a second or two. */
const MAX_ELAPSED_MS = 10_000;
/**
 * Who makes a stopped run due claims it at once, unless it has ended meanwhile. Sooner would take runs from workers that are
 * only slow; they would be released again, but later.
 */
const WITHDRAWN_AFTER_MS = 5_000;

interface CountRow {
  readonly runs: number;
  readonly stopped: number;
  readonly oldest: string;
  readonly newest: string;
}

export interface PostgresPlanStoreConnections {
  /** For what workers ask. */
  readonly pool: EnginePool;
  /** For what operators ask, which may take its time. */
  readonly admin: EnginePool;
  readonly orders: RunOrders;
}

/** {@link PlanStore} on PostgreSQL. While the database is away, every call repeats itself for ten seconds. */
export class PostgresPlanStore implements PlanStore {
  /** @param schema already quoted */
  constructor(
    private readonly connections: PostgresPlanStoreConnections,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {}

  async save(definitions: readonly StoredDefinition[]): Promise<void> {
    if (definitions.length === 0) return;
    const stored = await this.run<Pick<StoredDefinition, 'name' | 'version' | 'hash'>>(
      'pool',
      'look for plans',
      findStoredDefinitions(this.schema, definitions),
    );
    // A role that may only read can register what workers have registered before it.
    const missing = definitions.filter(
      ({ name, version, hash }) =>
        !stored.some((one) => one.name === name && one.version === version && one.hash === hash),
    );
    if (missing.length === 0) return;
    await this.run('pool', 'save plans', saveDefinitions(this.schema, missing, this.clock.fixed()));
  }

  async latest(name: string, version?: number): Promise<StoredDefinition | null> {
    const statement = findDefinition(this.schema, name, version ?? null);
    const rows = await this.run<StoredDefinition & QueryResultRow>('pool', 'read a plan', statement);
    return rows[0] ?? null;
  }

  async definition(name: string, version: number, hash: string): Promise<StoredDefinition | null> {
    const statement = findDefinitionByHash(this.schema, name, version, hash);
    const rows = await this.run<StoredDefinition & QueryResultRow>('pool', 'read a plan', statement);
    return rows[0] ?? null;
  }

  async adopt(adoption: Adoption): Promise<boolean> {
    const rows = await this.run('pool', 'adopt a plan', adoptPlan(this.schema, adoption, this.clock.fixed()));
    return rows.length > 0;
  }

  async release(queue: string, plans: readonly PlanRef[], limit: number): Promise<number> {
    if (plans.length === 0) return 0;
    const now = this.clock.fixed();
    await this.run(
      'pool',
      'put stopped runs back',
      withdrawReleased(this.schema, queue, plans, WITHDRAWN_AFTER_MS, now),
    );
    if (limit <= 0) return 0;
    const rows = await this.run('pool', 'release stopped runs', releaseStopped(this.schema, queue, plans, limit, now));
    return rows.length;
  }

  async places(): Promise<readonly PlaceCount[]> {
    const rows = await this.run<CountRow & PlanPlace>('admin', 'count runs by plan', listPlaces(this.schema));
    return rows.map(({ workflow, version, planHash, cursor, begun, ...counts }) => {
      return { workflow, version, planHash, cursor, begun, ...toCount(counts) };
    });
  }

  async footprints(place: PlanPlace, nodes: readonly string[]): Promise<readonly FootprintCount[]> {
    const statement = listFootprints(this.schema, place, nodes);
    const rows = await this.run<CountRow & { marks: string[] }>('admin', 'count runs by journal', statement);
    return rows.map(({ marks, ...counts }) => ({ marks, ...toCount(counts) }));
  }

  async movable(filter: MovableFilter): Promise<readonly Movable[]> {
    return this.run<Movable & QueryResultRow>('admin', 'list runs to migrate', listMovable(this.schema, filter));
  }

  async move(move: Move): Promise<string | null> {
    const { run, to, renames, order } = move;
    const decide = async ({ query, record }: OpenOrder): Promise<string | null> => {
      const { rows } = await query<{ queue: string }>(moveRun(this.schema, move, this.clock.fixed()));
      if (rows.length === 0) return null;
      if (renames.length > 0) for (const statement of renameUnits(this.schema, move)) await query(statement);
      const { version, planHash, cursor } = run;
      await record('migrate', order, { before: { version, planHash, cursor }, after: { ...to, renames } });
      return rows[0].queue;
    };
    // Not repeated when its outcome is unknown: the repetition would find a run that has changed.
    const queue = await this.connections.orders.give('migrate a run', run.id, decide, ['conflict']);
    if (queue !== null && renames.length > 0) {
      await this.run('admin', 'rename the parent of children', renameParentKeys(this.schema, move));
    }
    return queue;
  }

  private async run<R extends QueryResultRow = QueryResultRow>(
    pool: 'pool' | 'admin',
    operation: string,
    statement: SqlStatement,
  ): Promise<R[]> {
    const attempt = async (): Promise<R[]> => (await this.connections[pool].query<R>(statement)).rows;
    return withRetry(operation, attempt, { maxElapsedMs: MAX_ELAPSED_MS });
  }
}

function toCount({ runs, stopped, oldest, newest }: CountRow): RunCount {
  return { runs, stopped, sample: oldest === newest ? [oldest] : [oldest, newest] };
}
