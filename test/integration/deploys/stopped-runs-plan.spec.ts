/** Covers what looking for stopped runs costs. */
import { releaseStopped, withdrawReleased } from '../../../lib/storage/postgres/sql/release-stopped.sql.js';
import type { SqlStatement } from '../../../lib/storage/postgres/sql/sql-statement.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();

describe('looking for stopped runs', () => {
  const plan = (hash: string) => [{ name: 'order', version: 1, hash }];

  /** It is executed to be explained, and taken back. */
  async function explained({ text, values }: SqlStatement): Promise<string> {
    await apps.sql('begin');
    const lines = await apps.sql<{ 'QUERY PLAN': string }>(
      `explain (analyze, timing off, summary off) ${text}`,
      values,
    );
    await apps.sql('rollback');
    return lines.map((line) => line['QUERY PLAN']).join('\n');
  }

  /** Twenty thousand parked runs, half of them stopped by the plan `changed`; some of these were left due. */
  beforeEach(async () => {
    await apps.sql('truncate durable.run');
    await apps.sql(`
      insert into durable.run (id, workflow, version, plan_hash, status, queue, due_at, error, input, created_at, updated_at)
      select gen_random_uuid(), 'order', 1, 'former', 'suspended', 'durable',
             case when i % 2 = 0 then now() + interval '1 day' when i % 1000 = 1 then now() - interval '1 minute' end,
             case when i % 2 = 1 then '{"code":"DURABLE_PLAN_CHANGED","data":{"registered":"changed"}}'::json end,
             'null', now(), now()
        from generate_series(1, 20000) i`);
    await apps.sql('analyze durable.run');
  });

  it('takes as many as are wanted, and reads no others', async () => {
    const statement = releaseStopped('durable', 'durable', plan('fixed'), 50, null);
    const text = await explained(statement);
    expect(text).toMatch(/(using|on) run_stopped/);
    expect(text).not.toContain('Seq Scan on run');
    expect((await apps.sql(statement.text, statement.values)).length).toBe(50);
  });

  it('reads nothing of what its own plan has stopped', async () => {
    const statement = releaseStopped('durable', 'durable', plan('changed'), 50, null);
    const text = await explained(statement);
    expect(text).not.toContain('Seq Scan on run');
    expect(text).not.toMatch(/Rows Removed by Filter: \d{2}/);
    expect(await apps.sql(statement.text, statement.values)).toEqual([]);
  });

  it('puts back what its own plan has stopped and nobody took, and reads nothing else', async () => {
    const others = withdrawReleased('durable', 'durable', plan('fixed'), 5_000, null);
    expect(await apps.sql(others.text, others.values)).toEqual([]);
    const statement = withdrawReleased('durable', 'durable', plan('changed'), 5_000, null);
    const text = await explained(statement);
    expect(text).not.toContain('Seq Scan on run');
    expect(text).not.toMatch(/Rows Removed by Filter: \d{2}/);
    expect((await apps.sql(statement.text, statement.values)).length).toBe(20);
  });
});
