import type { Client, QueryResult, QueryResultRow } from 'pg';
import type { Query } from '../../../lib/storage/postgres/connection/engine-client.js';
import type { SqlStatement } from '../../../lib/storage/postgres/sql/sql-statement.js';
import { COMMIT, type Party } from './party.js';

/**
 * Statements that take no turn of their own, which would only multiply the orders: reads that belong to the statement
 * before them, and writes to a row that the statement before them has locked.
 */
const UNGATED = new Set([
  'load-failures',
  'load-progress',
  'cancel-pending',
  'request-cancel',
  'record-operation',
  'settle-cursors',
]);

/** Sessions of parties that stand in a transaction in which nothing has been done yet, or one that is under way. */
const inTransaction = new WeakSet<Client>();

/**
 * Stands in for the engine's connections and pools: one session on which a party stops before every statement, and before
 * the commit behind every write. Without a party nothing stops.
 */
export class GatedConnection {
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly client: Client,
    private readonly party: Party | null = null,
    /** More statements that take no turn. */
    private readonly passing: readonly string[] = [],
  ) {}

  /** As a pool has them; there is one session here. */
  get patient(): this {
    return this;
  }

  query<R extends QueryResultRow = QueryResultRow>(statement: SqlStatement): Promise<QueryResult<R>> {
    if (this.party === null || isRead(statement)) return this.inTurn(() => this.statement<R>(statement));
    return this.transaction((query) => query<R>(statement), this.passes(statement));
  }

  /** @param ungated its commit takes no turn. */
  transaction<T>(work: (query: Query) => Promise<T>, ungated = this.party === null): Promise<T> {
    return this.inTurn(async () => {
      await this.begin();
      try {
        let busy = true;
        const result = await work(async (statement) => {
          const answer = await this.statement(statement);
          busy &&= isBusy(answer);
          return answer as never;
        });
        // Who was turned away has locked nothing that his commit would let go.
        if (busy || ungated) await this.end('commit');
        else await this.act(COMMIT, () => this.end('commit'));
        return result;
      } catch (error) {
        await this.end('rollback');
        throw error;
      }
    });
  }

  /** A party's session begins its next transaction as it ends one: one round trip less, and a race has thousands. */
  private async begin(): Promise<void> {
    if (this.party === null || !inTransaction.has(this.client)) await this.client.query('begin');
    if (this.party !== null) inTransaction.add(this.client);
  }

  private end(how: 'commit' | 'rollback'): Promise<QueryResult> {
    return this.client.query(this.party === null ? how : `${how} and chain`);
  }

  private statement<R extends QueryResultRow>(statement: SqlStatement): Promise<QueryResult<R>> {
    const run = (): Promise<QueryResult<R>> => this.client.query<R>({ ...statement, values: [...statement.values] });
    return this.passes(statement) ? run() : this.act(statement.name ?? 'statement', run);
  }

  private passes({ name = 'statement' }: SqlStatement): boolean {
    return UNGATED.has(name) || this.passing.includes(name);
  }

  private act<R extends QueryResultRow>(action: string, work: () => Promise<QueryResult<R>>): Promise<QueryResult<R>> {
    return this.party ? this.party.act(action, work, isBusy) : work();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(work);
    this.tail = turn.catch(() => undefined);
    return turn;
  }
}

function isRead({ text }: SqlStatement): boolean {
  return text.trimStart().startsWith('select') && !text.includes('for no key update');
}

/** The checkpoint statement passes over rows that are locked, and says so. */
function isBusy({ rows }: QueryResult<QueryResultRow>): boolean {
  return rows.some((row) => row.mine === true && row.passed === false);
}
