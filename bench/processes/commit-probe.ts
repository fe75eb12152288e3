import { Client } from 'pg';

const TABLE = `
create table if not exists bench_commit (id bigint generated always as identity primary key, value int not null)`;
const WARM_UP = 20;

/** One row and its commit, on a connection of its own: what latencies are compared with, in the same moment. */
export class CommitProbe {
  private constructor(private readonly client: Client) {}

  static async open(url: string): Promise<CommitProbe> {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(TABLE);
    const probe = new CommitProbe(client);
    for (let commit = 0; commit < WARM_UP; commit++) await probe.commit();
    return probe;
  }

  async commit(): Promise<void> {
    await this.client.query({ name: 'once', text: 'insert into bench_commit (value) values ($1::int)', values: [1] });
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
