import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { harmfulEffects, LEDGERS, trailOf, unitsRepeated, type Trail } from '../every-checkpoint/trail.js';
import { RUN_TRANSITIONS } from '../../../lib/index.js';
import { installAuditLog } from '../../soak/audit/audit-log.js';
import { endingsAreFinal } from '../../soak/invariants/endings-are-final.js';
import { epochsOnlyGrow } from '../../soak/invariants/epochs-only-grow.js';
import type { Evidence } from '../../soak/invariants/invariant.js';
import { journalRowsImmutable } from '../../soak/invariants/journal-rows-immutable.js';
import { oneChildACall } from '../../soak/invariants/one-child-a-call.js';
import { signalsConsumedOnceInOrder } from '../../soak/invariants/signals-consumed-once-in-order.js';
import { writtenUnderTheCurrentEpoch } from '../../soak/invariants/written-under-the-current-epoch.js';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from '../test-database.js';
import { killAt, nameOf, readMoments, type Moment } from './moments.js';
import { runSweepProcess, type SweepStart } from './sweep-process.js';

/** What becomes of a run: nothing fails, its last step fails and all is undone, or it is canceled on its way. */
const VARIANTS = [{ fails: 'nobody' }, { fails: 'end' }, { fails: 'canceled' }];

/** Those of the soak's invariants that ask about the engine's tables and their past alone. */
const INVARIANTS = [
  ...[journalRowsImmutable, writtenUnderTheCurrentEpoch, epochsOnlyGrow, endingsAreFinal],
  ...[signalsConsumedOnceInOrder, oneChildACall],
];

/** Empty where the soak writes down what a sweep has no part in: what callers heard, and when changes were committed. */
const FACTS = `
create table soak.line (run_id uuid, key text, event text);
create table soak.commit_time (xid xid8, at timestamptz);
create table soak.transition (status_before text, status text)`;

/** What one victim left behind. */
export interface Victim {
  readonly moment: Moment;
  readonly queue: string;
  readonly died: boolean;
  /** Where another process was killed while it recovered what the first one had left. */
  readonly again: Moment | null;
  readonly started: Readonly<Record<string, string>>;
}

/**
 * A database in which processes are killed, each at a moment of its own and with a queue and runs of its own, and in which
 * one clean process then finishes all that they have left.
 */
export class Sweep {
  private readonly victims: Victim[] = [];
  private count = 0;

  private constructor(
    private readonly database: TestDatabase,
    private readonly client: Client,
    /** Its past is written down, which needs a schema that is there before. */
    private readonly watched: boolean,
  ) {}

  static async on(options: TestDatabaseOptions = {}): Promise<Sweep> {
    const database = await createTestDatabase(options);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(LEDGERS);
    if (!options.empty) await watch(client);
    return new Sweep(database, client, !options.empty);
  }

  /** Lets a process do everything undisturbed. Resolves with every moment that it passed. */
  async moments(): Promise<ReturnType<typeof readMoments>> {
    const folder = mkdtempSync(path.join(tmpdir(), 'nest-durable-sweep-'));
    const file = path.join(folder, 'hits.jsonl');
    try {
      await this.process('undisturbed', startsOf('undisturbed'), `*:*=log:${file}`);
      return readMoments(file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** What undisturbed runs come to. */
  async expected(): Promise<readonly Trail[]> {
    return this.trails('undisturbed');
  }

  /** Kills a process at a moment, and then perhaps a second one, which recovers what the first has left. */
  async kill(moment: Moment, again: Moment | null = null): Promise<Victim> {
    const queue = `${nameOf(moment)} (${(this.count += 1)})`;
    const first = await this.process(queue, startsOf(queue), killAt(moment));
    const second = again && first.died ? await this.process(queue, startsOf(queue), killAt(again)) : null;
    const victim = {
      ...{ moment, queue, died: first.died, again: second?.died ? again : null },
      started: { ...second?.started, ...first.started },
    };
    this.victims.push(victim);
    return victim;
  }

  /** A clean process finishes everything. */
  async finish(): Promise<void> {
    await this.client.query(`update durable.run set queue = 'clean'`).catch((error: Error) => {
      // A process that died in the migration left no table.
      if (!error.message.includes('does not exist')) throw error;
    });
    const starts = this.victims.flatMap(({ queue }) => startsOf(queue));
    try {
      await this.process('clean', starts, '');
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await this.unfinished()}`, { cause: error });
    }
  }

  /** Everything that is not as it has to be, in words; empty when all is well. */
  async problems(expected: readonly Trail[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { queue, again, started } of this.victims) {
      const where = again ? `${queue}, then ${nameOf(again)}` : queue;
      const trails = await this.trails(queue);
      for (const [at, trail] of trails.entries()) {
        const [is, should] = [JSON.stringify(trail), JSON.stringify(expected[at])];
        if (is !== should)
          found.push(`${where}: a run that ${JSON.stringify(VARIANTS[at])} came to ${is}, not ${should}`);
      }
      for (const [key, id] of Object.entries(started)) {
        const { rows } = await this.client.query(`select id from durable.run where idempotency_key = $1`, [key]);
        if (rows.length !== 1 || rows[0].id !== id) found.push(`${where}: the acknowledged start of ${id} is gone`);
      }
    }
    const killedTwice = this.victims.some(({ again }) => again !== null);
    const repeated = (await unitsRepeated(this.client)).filter(({ units }) => units > (killedTwice ? 4 : 2));
    found.push(...(await harmfulEffects(this.client)).map((effect) => JSON.stringify(effect)));
    // Two branches may be under way at one time, and nothing else.
    found.push(...repeated.map(({ runId, units }) => `run ${runId} did ${units} units again`));
    for (const { name, check } of this.watched ? INVARIANTS : []) {
      const violations = await check({ client: this.client } as Evidence);
      found.push(...violations.map(({ subject, what }) => `${name}: ${subject} ${what}`));
    }
    return found;
  }

  async clear(): Promise<void> {
    await this.client.end();
    await this.database.drop();
  }

  /** What a process that came to no end may have waited for. */
  private async unfinished(): Promise<string> {
    const runs = await this.client.query(
      `select id, workflow, status, cursor, awaiting, due_at, worker_id, epoch, cancel, paused_at, now() from durable.run
        where finished_at is null`,
    );
    const sessions = await this.client.query(
      `select pid, application_name, state, wait_event, pg_blocking_pids(pid) as blocked_by, xact_start, left(query, 100) as query
         from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    return [...runs.rows, ...sessions.rows].map((row) => JSON.stringify(row)).join('\n');
  }

  private process(
    queue: string,
    starts: readonly SweepStart[],
    failpoints: string,
  ): ReturnType<typeof runSweepProcess> {
    return runSweepProcess({ url: this.database.url, queue, starts, failpoints });
  }

  private async trails(queue: string): Promise<readonly Trail[]> {
    const trails: Trail[] = [];
    for (const { key } of startsOf(queue)) {
      const { rows } = await this.client.query<{ id: string }>(
        'select id from durable.run where idempotency_key = $1',
        [key],
      );
      if (rows.length !== 1) throw new Error(`${key} stands for ${rows.length} runs`);
      trails.push(await trailOf(this.client, rows[0].id));
    }
    return trails;
  }
}

async function watch(client: Client): Promise<void> {
  await installAuditLog(client);
  await client.query(FACTS);
  const pairs = Object.entries(RUN_TRANSITIONS).flatMap(([before, after]) => after.map((status) => [before, status]));
  await client.query('insert into soak.transition select * from unnest($1::text[], $2::text[])', [
    pairs.map(([before]) => before),
    pairs.map(([, status]) => status),
  ]);
}

function startsOf(queue: string): readonly SweepStart[] {
  return VARIANTS.map((input) => ({ key: `${queue} ${input.fails}`, input }));
}
