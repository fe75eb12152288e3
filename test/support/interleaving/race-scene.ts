import { jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { Client } from 'pg';
import { DatabaseTime } from '../../../lib/common/database-time.js';
import { newId } from '../../../lib/common/ids.js';
import type { DurableWorkflow } from '../../../lib/definition/durable-workflow.js';
import { canTransition, type RunStatus } from '../../../lib/definition/run-state.js';
import { WorkflowRegistry } from '../../../lib/definition/workflow.registry.js';
import { createRunExecutor } from '../../../lib/engine/execution/create-run-executor.js';
import { OpenTransactions } from '../../../lib/engine/execution/open-transactions.js';
import { RunReporter } from '../../../lib/engine/execution/run-reporter.js';
import { RunSession } from '../../../lib/engine/execution/run-session.js';
import { EventBus } from '../../../lib/observability/event-bus.js';
import { Telemetry } from '../../../lib/observability/telemetry.js';
import { end } from '../../../lib/engine/execution/transition.js';
import { CheckpointWriter } from '../../../lib/engine/journal/checkpoint-writer.js';
import { freshRun } from '../../../lib/engine/worker/fresh-run.js';
import type { Checkpoint, ClaimedRun, NewRun } from '../../../lib/storage/contract/records.js';
import type { PlanStore } from '../../../lib/storage/contract/plan-store.contract.js';
import type { ClaimRequest, RunStore } from '../../../lib/storage/contract/run-store.contract.js';
import type { WorkerStore } from '../../../lib/storage/contract/worker-store.contract.js';
import type { CallerTransactions } from '../../../lib/storage/postgres/caller-transactions.js';
import type { ControlConnection } from '../../../lib/storage/postgres/connection/control-connection.js';
import { CheckpointConnections } from '../../../lib/storage/postgres/connection/checkpoint-connections.js';
import type { EngineClient, Query } from '../../../lib/storage/postgres/connection/engine-client.js';
import type { EnginePool } from '../../../lib/storage/postgres/connection/engine-pool.js';
import { engineTypes } from '../../../lib/storage/postgres/connection/engine-types.js';
import { PostgresRunAdmin } from '../../../lib/storage/postgres/postgres-run-admin.js';
import { PostgresRunRepair } from '../../../lib/storage/postgres/postgres-run-repair.js';
import { PostgresRunStore } from '../../../lib/storage/postgres/postgres-run-store.js';
import { PostgresWorkerStore } from '../../../lib/storage/postgres/postgres-worker-store.js';
import { settleCursors } from '../../../lib/storage/postgres/sql/run-progress.sql.js';
import { reclaimOrphans } from '../../../lib/storage/postgres/sql/sweep-workers.sql.js';
import { registerWorker } from '../../../lib/storage/postgres/sql/worker-lease.sql.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../test-database.js';
import { FORGOTTEN_RUNS } from './forgotten-runs.js';
import { explore, type Race } from './explore.js';
import { GatedConnection } from './gated-connection.js';
import { Party } from './party.js';

/** A race of three parties has hundreds of orders, of some milliseconds each; ten times that where others work too. */
jest.setTimeout(300_000);

const SCHEMA = '"durable"';
const QUEUE = 'races';
const WORKER = newId();

/** Writes down every change of a run's status, so that a race can be held to the table of transitions. */
const RECORD_TRANSITIONS = `
create table transition (id bigint generated always as identity, run_id uuid, before text, after text);
create function record_transition() returns trigger language plpgsql as $$
begin
  insert into transition (run_id, before, after) values (new.id, old.status, new.status);
  return null;
end $$;
create trigger record_transition after update on durable.run for each row
  when (old.status <> new.status) execute function record_transition()`;

/** What a party of a race works with, on a session of its own. */
export interface Tools {
  readonly store: RunStore;
  readonly admin: PostgresRunAdmin;
  readonly repair: PostgresRunRepair;
  /** Executes a run that is held, with the engine's own code, until it leaves. */
  readonly execute: (run: ClaimedRun) => Promise<RunStatus | null>;
  /** Claims what is due and executes it. */
  readonly claim: () => Promise<void>;
  /** Claims up to so many runs for a worker, and leaves them to it. Resolves with their ids. */
  readonly claimAs: (worker: string, limit: number) => Promise<readonly string[]>;
  readonly workers: WorkerStore;
  /** Runs a statement of the engine that no store has a method for. */
  readonly query: Query;
}

/** How a run stands after a race. */
export interface Standing {
  readonly status: RunStatus;
  /** JSON text by journal key. */
  readonly results: Readonly<Record<string, string | undefined>>;
  /** Journal keys in the order of completion. */
  readonly journal: readonly string[];
  /** JSON text of the payloads of signals that are stored and were not taken. */
  readonly kept: string;
}

/**
 * A database, a few sessions and the engine's own code, for races that are played out statement by statement. The clock
 * stands still unless a test moves it.
 */
export class RaceScene {
  readonly clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
  /** What the parties of the present race have done, in order: `worker checkpoint-plain`, `signal commit`. */
  readonly events: string[] = [];
  /** What writing checkpoints failed with before it was repeated. */
  readonly errors: string[] = [];
  private readonly registry = new WorkflowRegistry();
  private readonly sessions: { readonly client: Client; readonly pid: number }[] = [];

  private constructor(
    private readonly database: TestDatabase,
    readonly client: Client,
    private readonly monitor: Client,
  ) {}

  static async set(workflows: readonly DurableWorkflow[]): Promise<RaceScene> {
    const database = await createTestDatabase();
    const [client, monitor] = await Promise.all([connect(database.url), connect(database.url)]);
    const scene = new RaceScene(database, client, monitor);
    scene.registry.registerAll(workflows);
    await client.query(RECORD_TRANSITIONS);
    await scene.registerWorker(WORKER, 1e9);
    return scene;
  }

  async clear(): Promise<void> {
    await Promise.all([this.client, this.monitor, ...this.sessions.map(({ client }) => client)].map((c) => c.end()));
    await this.database.drop();
  }

  /** Tools without gates, for what is before and after the race. */
  get ungated(): Tools {
    return this.tools(new GatedConnection(this.client));
  }

  /** Creates a run that a worker holds, as one that was started with a free slot. */
  async begin(
    workflow: string,
    input: unknown = null,
    parentId: string | null = null,
    worker = newId(),
  ): Promise<ClaimedRun> {
    const run = { ...this.newRun(workflow, input, worker), parentId };
    await this.ungated.store.insertRuns([run]);
    return freshRun(run);
  }

  /** Creates a run that waits for a worker. */
  async start(workflow: string, input: unknown = null): Promise<string> {
    const run = this.newRun(workflow, input, null);
    await this.ungated.store.insertRuns([run]);
    return run.id;
  }

  /** Claims what is due, as a worker that holds it from then on. */
  async claim(): Promise<readonly ClaimedRun[]> {
    return (await this.ungated.store.claim({ ...this.claiming, limit: 10 })).runs;
  }

  /** Declares the holders of all runs dead. */
  async sweep(): Promise<void> {
    const { query } = this.ungated;
    const { rows } = await query<{ id: string }>(reclaimOrphans(SCHEMA, this.clock.now()));
    const runs = rows.map(({ id }) => id);
    await query(settleCursors(SCHEMA, runs));
  }

  /** The checkpoint with which a run that is held completes, whatever came in. */
  readonly ending = (run: ClaimedRun): Checkpoint => {
    const session = new RunSession(run, this.registry.get(run.workflow, run.version), this.clock);
    return end(session, 'completed', { whateverCame: true });
  };

  /** Lets a parked run be claimed, as a wake-up for something else would. */
  async makeDue(runId: string): Promise<void> {
    await this.client.query('update durable.run set due_at = $2 where id = $1', [runId, this.clock.now()]);
  }

  /**
   * Plays a race in every order. `setUp` brings the runs into their places and says who does what.
   *
   * @param passing statements that take no turn, because the race is not about them.
   */
  async race<T>(
    setUp: () => Promise<{ parties: Record<string, (tools: Tools) => Promise<unknown>>; outcome: () => Promise<T> }>,
    passing: readonly string[] = [],
  ): Promise<readonly T[]> {
    return explore(this.monitor, async (): Promise<Race<T>> => {
      const { parties, outcome } = await setUp();
      this.events.length = 0;
      const made = await Promise.all(
        Object.entries(parties).map(async ([name, code], at) => {
          const { client, pid } = (this.sessions[at] ??= await this.connectSession());
          const party = new Party(name, pid, (event) => this.events.push(event));
          party.play(() => code(this.tools(new GatedConnection(client, party, passing))));
          return party;
        }),
      );
      return {
        parties: made,
        outcome: async () => {
          const failed = made.find(({ error }) => error !== null);
          if (failed) throw new Error(`${failed.name} failed after ${this.events.join(', ')}`, { cause: failed.error });
          return outcome();
        },
      };
    });
  }

  /** Which of two actions was done first: `[worker checkpoint, signal send-signal]` by beginnings of what was recorded. */
  first(...actions: readonly string[]): string {
    const found = this.events.find((event) => actions.some((action) => event.startsWith(action)));
    return found?.split(' ')[0] ?? 'nobody';
  }

  /** Claims and executes, without gates, until nothing is due. */
  async drain(): Promise<void> {
    const { execute } = this.ungated;
    for (let runs = await this.claim(); runs.length > 0; runs = await this.claim()) {
      await Promise.all(runs.map(execute));
    }
  }

  async standing(runId: string): Promise<Standing> {
    const { admin } = this.ungated;
    const run = await admin.find(runId);
    const journal = await admin.journal(runId);
    const kept = await this.rows<{ payload: string }>(
      'select payload from durable.signal where run_id = $1 and consumed_by is null order by id',
      [runId],
    );
    const done = journal.filter(({ kind }) => !['suspension', 'items', 'undo'].includes(kind));
    return {
      status: run!.status,
      results: Object.fromEntries(done.map(({ key, result }) => [key, result])),
      journal: journal.map(({ key }) => key),
      kept: `[${kept.map(({ payload }) => payload).join(', ')}]`,
    };
  }

  /** Changes of status, of all races so far, that the table of transitions does not have. */
  async forbiddenTransitions(): Promise<readonly string[]> {
    const rows = await this.rows<{ before: RunStatus; after: RunStatus }>(
      'select distinct before, after from transition',
    );
    return rows
      .filter(({ before, after }) => !canTransition(before, after))
      .map((row) => `${row.before} to ${row.after}`);
  }

  /** Parked runs that nothing will wake although what they wait for is there: must never be any. */
  async forgotten(): Promise<readonly string[]> {
    const rows = await this.rows<{ id: string }>(FORGOTTEN_RUNS);
    return rows.map(({ id }) => id);
  }

  async rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(text, values)).rows;
  }

  /** Whoever claims has to be registered; the worker of a run that was begun is not, so that a sweep finds it dead. */
  async registerWorker(id: string, leaseMs: number): Promise<void> {
    const registration = { id, name: 'racer', queue: QUEUE, host: '', pid: 1, workflows: [], slots: 1, leaseMs };
    const { text, values } = registerWorker(SCHEMA, registration, '1', this.clock.fixed());
    await this.client.query(text, [...values]);
  }

  private get claiming(): Omit<ClaimRequest, 'limit'> {
    return { worker: WORKER, queue: QUEUE, workflows: this.registry.all() };
  }

  private async connectSession(): Promise<{ client: Client; pid: number }> {
    const client = await connect(this.database.url);
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return { client, pid: rows[0].pid };
  }

  private newRun(workflow: string, input: unknown, worker: string | null): NewRun {
    const { name, version, hash } = this.registry.get(workflow);
    return {
      ...{ id: newId(), workflow: name, version, planHash: hash, queue: QUEUE, priority: 0, idempotencyKey: null },
      ...{ input: JSON.stringify(input), due: null, timeoutMs: null, worker },
      ...{ parentId: null, parentKey: null, parentClose: null, tags: null, trace: null },
    };
  }

  private tools(connection: GatedConnection): Tools {
    const pool = connection as unknown as EnginePool;
    const client = connection as unknown as EngineClient;
    const checkpoints = new CheckpointConnections([client], client);
    const parts = { pool, checkpoints, dataSource: {} as DataSource, callers: {} as CallerTransactions };
    const store = new PostgresRunStore(parts, SCHEMA, this.clock);
    const admin = new PostgresRunAdmin({ pool, admin: pool }, SCHEMA, this.clock, parts.callers);
    const repair = new PostgresRunRepair(pool.patient, SCHEMA, this.clock);
    const executor = createRunExecutor({
      store,
      channel: { notify: () => undefined, subscribe: () => Promise.resolve(() => undefined), close: () => undefined },
      plans: {} as PlanStore,
      writer: new CheckpointWriter(store, this.clock, (error) => this.errors.push(String(error))),
      transactions: new OpenTransactions(),
      limits: { jobTimeoutMs: 60_000, maxDeliveries: 5, payloadLimit: 1_000_000, retry: RETRY },
      clock: this.clock,
      time: new DatabaseTime(this.clock),
      queue: QUEUE,
      isReleasing: () => false,
      isPaused: () => false,
      workerId: () => 'racer',
      findWorkflow: (name, version) => Promise.resolve(this.registry.get(name, version)),
      poke: () => undefined,
      confirmLease: () => this.clock.monotonic(),
      onStopped: () => undefined,
      reports: new RunReporter(new Telemetry(new EventBus({ error: () => undefined })), () => 'racer'),
    });
    const execute = (run: ClaimedRun): Promise<RunStatus | null> => {
      return executor.execute(new RunSession(run, this.registry.get(run.workflow, run.version), this.clock));
    };
    const claim = async (): Promise<void> => {
      const { runs } = await store.claim({ ...this.claiming, limit: 10 });
      for (const run of runs) await execute(run);
    };
    const claimAs = async (worker: string, limit: number): Promise<readonly string[]> => {
      return (await store.claim({ ...this.claiming, worker, limit })).runs.map(({ id }) => id);
    };
    const [query, transaction] = [connection.query.bind(connection), connection.transaction.bind(connection)];
    const control = { query, transaction, onConnect: () => undefined };
    const workers = new PostgresWorkerStore(control as unknown as ControlConnection, SCHEMA, this.clock);
    return {
      store,
      admin,
      repair,
      workers,
      execute,
      claim,
      claimAs,
      query,
    };
  }
}

const RETRY = { maxAttempts: 3, backoff: () => 60 };

async function connect(url: string): Promise<Client> {
  // Nothing crashes here, so nobody waits for the disk: one order of a race has a dozen commits. Plans are made once, as for
  // the engine's own connections.
  const options = '-c synchronous_commit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';
  const client = new Client({ connectionString: url, types: engineTypes, application_name: 'races', options });
  await client.connect();
  return client;
}
