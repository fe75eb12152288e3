/**
 * Covers: the tables that the bench fills with copies are what the engine would have written: it takes a copied run up,
 * and ends it. What the bench measures with them: docs/performance.md.
 */
import type { Client } from 'pg';
import { BenchServer, withClient } from '../../bench/database/bench-server.js';
import { copyRun } from '../../bench/database/many-runs.js';
import { DurableSubject } from '../../bench/subjects/durable.subject.js';
import { untilSuspended } from '../../bench/workloads/table-size.workloads.js';
import { eventually } from '../support/eventually.js';

const COPIES = 250;

describe('the runs that the bench copies', () => {
  let server: BenchServer;
  let durable: DurableSubject;
  let url: string;
  let stepsAfterTheSignal = 0;

  beforeAll(async () => {
    server = await BenchServer.start();
    ({ url } = await server.createDatabase());
    durable = await DurableSubject.start({ url, role: 'worker', inFlight: 10 }, () => void stepsAfterTheSignal++);
  });
  afterAll(async () => {
    await durable.close();
    await server.stop();
  });

  it('are parked like the one they were copied from, and end when they are signalled', async () => {
    await durable.parking.startMany(1);
    await untilSuspended(url, 1);
    await copyRun(url, `status = 'suspended'`, COPIES);
    const runs = await untilSuspended(url, COPIES + 1);
    expect(new Set(runs).size).toBe(COPIES + 1);

    await Promise.all(runs.map((run) => durable.parking.signal(run)));
    await eventually('the end of all runs', async () => (await ended()) === COPIES + 1, { within: 60_000 });
    expect(stepsAfterTheSignal).toBe(COPIES + 1);
  });

  function ended(): Promise<number> {
    return withClient(url, async (client: Client) => {
      const { rows } = await client.query<{ ended: number }>(
        `select count(*)::int as ended from durable.run where status = 'completed'`,
      );
      return rows[0].ended;
    });
  }
});
