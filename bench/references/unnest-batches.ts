import type { Client } from 'pg';
import { withClient, type BenchServer } from '../database/bench-server.js';
import type { Figures } from '../measure/statistics.js';

const CONNECTIONS = 4;
const ROWS = 100;

const TABLE = `
create table bench_journal
  (run_id int, key text, completed_at timestamptz not null, result json not null, primary key (run_id, key))`;
const BATCH = `
insert into bench_journal
select run_id, key, now(), result from unnest ($1::int[], $2::text[], $3::json[]) as batch (run_id, key, result)`;

/** What the server takes in batches: so many journal-like rows a commit. Rows a second are its steps a second. */
export async function unnestBatches(
  server: BenchServer,
  seconds: number,
): Promise<{ figures: Figures; settings: string }> {
  const database = await server.createDatabase();
  try {
    await withClient(database.url, (client) => client.query(TABLE));
    let batches = 0;
    const began = performance.now();
    const end = began + seconds * 1000;
    const lane = (): Promise<void> =>
      withClient(database.url, async (client) => {
        while (performance.now() < end) await writeBatch(client, batches++);
      });
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    const stepsPerSecond = (batches * ROWS) / ((performance.now() - began) / 1000);
    return { figures: { stepsPerSecond }, settings: `driver, ${CONNECTIONS} connections` };
  } finally {
    await database.drop();
  }
}

async function writeBatch(client: Client, batch: number): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const values = [
    rows.map((row) => batch * ROWS + row),
    rows.map((row) => `step-${row}`),
    rows.map(() => '{"ok":true}'),
  ];
  await client.query({ name: 'batch', text: BATCH, values });
}
