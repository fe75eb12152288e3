import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { newId } from '../../lib/common/ids.js';
import type { RunStatus } from '../../lib/definition/run-state.js';

const HOUR = 3_600_000;

/** Writes rows as the engine leaves them, an hour before `now`, for specs of the statements that find them so. */
export class RunRows {
  /** @param schema already quoted */
  constructor(
    private readonly client: Client,
    readonly schema: string,
    readonly now: Date,
  ) {}

  before(ms: number): Date {
    return new Date(this.now.getTime() - ms);
  }

  async insert(table: string, values: Record<string, unknown>): Promise<void> {
    const columns = Object.keys(values);
    const parameters = columns.map((_, index) => `$${index + 1}`);
    await this.client.query(
      `insert into ${this.schema}.${table} (${columns.join(', ')}) values (${parameters.join(', ')})`,
      Object.values(values),
    );
  }

  /** A run of `order` version 1, whose plan has the hash `h1`. */
  async run(status: RunStatus, columns: Record<string, unknown> = {}): Promise<string> {
    const id = newId();
    const ended = ['completed', 'failed', 'canceled', 'compensation_failed'].includes(status);
    await this.insert('run', {
      id,
      workflow: 'order',
      version: 1,
      plan_hash: 'h1',
      status,
      queue: 'durable',
      epoch: status === 'pending' ? 0 : 1,
      due_at: status === 'pending' ? this.before(HOUR) : null,
      worker_id: status === 'running' ? randomUUID() : null,
      created_at: this.before(HOUR),
      updated_at: this.before(HOUR),
      finished_at: ended ? this.before(HOUR) : null,
      input: 'null',
      ...columns,
    });
    return id;
  }

  async journal(runId: string, key: string, position = 0, columns: Record<string, unknown> = {}): Promise<void> {
    await this.insert('journal', {
      run_id: runId,
      key,
      kind: key.startsWith('undo:') ? 'undo' : 'step',
      position,
      attempt: 1,
      epoch: 1,
      duration_ms: 1.5,
      completed_at: this.before(HOUR),
      result: '{"ok":  true}',
      ...columns,
    });
  }

  async attempt(runId: string, key: string, columns: Record<string, unknown> = {}): Promise<void> {
    await this.insert('attempt', {
      run_id: runId,
      key,
      epoch: 1,
      attempt: 1,
      final: true,
      duration_ms: 1,
      failed_at: this.before(HOUR),
      error: { name: 'Error', message: 'no' },
      ...columns,
    });
  }

  /** The plan of the runs of `order`: steps of these names. */
  async plan(...nodes: string[]): Promise<void> {
    await this.insert('definition', {
      name: 'order',
      version: 1,
      hash: 'h1',
      nodes: nodes.length,
      plan: { nodes: nodes.map((name) => ({ kind: 'step', name })) },
      registered_at: this.before(HOUR),
    });
  }

  async row(id: string): Promise<Record<string, unknown>> {
    return (await this.client.query(`select * from ${this.schema}.run where id = $1`, [id])).rows[0];
  }

  /** Keys of the journal in the order of completion. */
  async keys(runId: string, table = 'journal'): Promise<string[]> {
    const { rows } = await this.client.query<{ key: string }>(
      `select key from ${this.schema}.${table} where run_id = $1 order by position, key`,
      [runId],
    );
    return rows.map(({ key }) => key);
  }

  async all(table: string): Promise<Record<string, unknown>[]> {
    return (await this.client.query(`select * from ${this.schema}.${table} order by 1`)).rows;
  }

  async clear(): Promise<void> {
    const tables = ['run', 'journal', 'journal_archive', 'attempt', 'progress', 'signal', 'definition', 'operation'];
    const names = [...tables, 'pause', 'worker'].map((table) => `${this.schema}.${table}`);
    await this.client.query(names.map((name) => `delete from ${name}`).join('; '));
  }
}
