// Covers: that a server of the soak tells a crash of its own from what is done to it.
import { Client } from 'pg';
import { eventually } from '../../support/eventually.js';
import { RestartablePostgres } from '../../support/restartable-postgres.js';

it('tells a crash of the server from a restart and from a session that was ended', async () => {
  const postgres = await RestartablePostgres.start();
  try {
    const victim = await connect(postgres.url);
    const other = await connect(postgres.url);
    await other.client.query('select pg_terminate_backend($1)', [victim.pid]);
    await postgres.restart('immediate');
    await postgres.restart('fast');
    expect(postgres.crashes).toEqual([]);

    const { pid } = await connect(postgres.url);
    process.kill(pid, 'SIGSEGV');
    await eventually('the crash to be logged', () => postgres.crashes.length > 0);
    expect(postgres.crashes).toEqual([expect.stringContaining(`(PID ${pid}) was terminated by signal 11`)]);
  } finally {
    await postgres.stop();
  }
});

async function connect(url: string): Promise<{ client: Client; pid: number }> {
  const client = new Client({ connectionString: url });
  // Each is cut off.
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return { client, pid: rows[0].pid };
}
