import { Client } from 'pg';

/** The soak's own connection: opened again whenever the server has dropped it. */
export class Observer {
  private connection: Promise<Client> | null = null;
  private asking: Promise<unknown> = Promise.resolve();

  constructor(private readonly url: string) {}

  /**
   * One question after the other.
   *
   * @throws while the server is away.
   */
  rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const asked = this.asking.then(async () => (await (await this.client()).query<Row>(text, [...values])).rows);
    this.asking = asked.catch(() => undefined);
    return asked;
  }

  client(): Promise<Client> {
    this.connection ??= this.connect();
    return this.connection;
  }

  async end(): Promise<void> {
    const { connection } = this;
    this.connection = null;
    await connection?.then((client) => client.end()).catch(() => undefined);
  }

  private async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.url, application_name: 'soak' });
    client.on('error', () => (this.connection = null));
    client.on('end', () => (this.connection = null));
    try {
      await client.connect();
    } catch (error) {
      this.connection = null;
      throw error;
    }
    return client;
  }
}
