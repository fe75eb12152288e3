import type { QueryResultRow } from 'pg';
import type {
  BacklogFacts,
  ClockFacts,
  DatabaseSurvey,
  PurgeableFilter,
  SchemaFacts,
  ServerFacts,
  SessionMode,
  SurveyedWorker,
} from '../contract/database-survey.contract.js';
import { EngineClient } from './connection/engine-client.js';
import type { EngineConnectionConfig } from './connection/engine-connection-config.js';
import { SessionProbe, type SessionKind } from './connection/session-probe.js';
import { readMigrationState } from './migrations/apply-migrations.js';
import { privilegesOf, type TableRole } from './migrations/durable-roles-sql.js';
import { expectedRelations } from './migrations/expected-relations.js';
import { countPurgeable, listBacklog, listStopped, listWorkflows } from './sql/survey-runs.sql.js';
import { listWorkers, surveyIndexes, surveyNamespace, surveyTables } from './sql/survey-schema.sql.js';
import { readClock, surveyServer } from './sql/survey-server.sql.js';
import type { SqlStatement } from './sql/sql-statement.js';

/** A count over millions of runs may take its time. */
const STATEMENT_TIMEOUT_MS = 60_000;

const SESSION_MODES: Readonly<Record<SessionKind, SessionMode>> = {
  own: 'own',
  'shared by transactions': 'transaction',
  'shared by statements': 'statement',
};

/** The first question also opens the connection; the quickest of these says most about the clock. */
const CLOCK_QUESTIONS = 3;

type ServerRow = Omit<ServerFacts, 'settings'> & { readonly settings: string };

interface TableRow {
  readonly name: string;
  readonly privileges: readonly string[];
}

type MigrationFacts = Pick<SchemaFacts, 'pending' | 'applied' | 'newer'>;

/** Of a schema whose migrations the role may not read: nothing is said about them. */
const UNKNOWN_STATE: MigrationFacts = { pending: [], applied: [], newer: [] };

/**
 * {@link DatabaseSurvey} on PostgreSQL, on a connection of its own that is opened by the first question. It needs no schema
 * and no module, so it can say why a module does not start. Nothing is repeated: errors are the driver's.
 */
export class PostgresDatabaseSurvey implements DatabaseSurvey {
  private readonly client: EngineClient;

  /** @param schema not quoted */
  constructor(
    private readonly config: EngineConnectionConfig,
    private readonly schemaName: string,
  ) {
    this.client = new EngineClient(config, {
      role: 'survey',
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      plans: 'auto',
    });
  }

  async server(): Promise<ServerFacts> {
    const [{ settings, ...facts }] = await this.rows<ServerRow>(surveyServer());
    return { ...facts, settings: JSON.parse(settings) as Record<string, string> };
  }

  async clock(): Promise<ClockFacts> {
    let best: ClockFacts | undefined;
    for (let question = 0; question < CLOCK_QUESTIONS; question += 1) {
      const began = performance.now();
      const [{ now }] = await this.rows<{ now: number }>(readClock());
      const roundTripMs = performance.now() - began;
      const aheadMs = now - (Date.now() - roundTripMs / 2);
      if (!best || roundTripMs < best.roundTripMs) best = { aheadMs, roundTripMs };
    }
    return best!;
  }

  async sessions(): Promise<SessionMode> {
    const probe = await SessionProbe.open(this.config);
    try {
      return SESSION_MODES[await probe.sessions()];
    } finally {
      await probe.close();
    }
  }

  async schema(): Promise<SchemaFacts> {
    const expected = expectedRelations();
    const [namespace] = await this.rows<{ usable: boolean }>(surveyNamespace(this.schemaName));
    const tables = await this.rows<TableRow>(surveyTables(this.schemaName));
    const indexes = await this.rows<{ name: string; usable: boolean }>(surveyIndexes(this.schemaName));
    const ours = tables.filter(({ name }) => expected.tables.includes(name));
    const usable = namespace?.usable ?? false;
    const unreadable = ours.filter(({ privileges }) => !privileges.includes('SELECT')).map(({ name }) => name);
    const state = namespace && (!usable || unreadable.includes('migration')) ? UNKNOWN_STATE : await this.migrations();
    return {
      ...{ exists: namespace !== undefined, usable, ...state, unreadableTables: unreadable },
      missingTables: expected.tables.filter((table) => !tables.some(({ name }) => name === table)),
      lacksAsWorker: lacks('worker', ours),
      lacksAsOperator: lacks('operator', ours),
      missingIndexes: expected.indexes.filter((index) => !indexes.some(({ name }) => name === index)),
      invalidIndexes: indexes
        .filter(({ name, usable: sound }) => !sound && expected.indexes.includes(name))
        .map(({ name }) => name),
    };
  }

  workers(): Promise<readonly SurveyedWorker[]> {
    return this.rows<SurveyedWorker & QueryResultRow>(listWorkers(this.schemaName));
  }

  backlog(): Promise<readonly BacklogFacts[]> {
    return this.rows<BacklogFacts & QueryResultRow>(listBacklog(this.schemaName));
  }

  stopped(): ReturnType<DatabaseSurvey['stopped']> {
    return this.rows<{ workflow: string; version: number; runs: number }>(listStopped(this.schemaName));
  }

  async workflows(): Promise<readonly string[]> {
    const rows = await this.rows<{ workflow: string }>(listWorkflows(this.schemaName));
    return rows.map(({ workflow }) => workflow);
  }

  async purgeable(filter: PurgeableFilter): Promise<number> {
    const [{ runs }] = await this.rows<{ runs: number }>(countPurgeable(this.schemaName, filter));
    return runs;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async migrations(): Promise<MigrationFacts> {
    const run = (text: string): Promise<QueryResultRow[]> => this.rows({ text, values: [] });
    const { pending, applied, newer } = await readMigrationState(run, this.schemaName);
    return { pending: pending.map(({ name }) => name), applied: applied.map(({ name }) => name), newer };
  }

  private async rows<R extends QueryResultRow>(statement: SqlStatement): Promise<R[]> {
    return (await this.client.query<R>(statement)).rows;
  }
}

function lacks(role: TableRole, tables: readonly TableRow[]): string[] {
  return tables.flatMap(({ name, privileges }) => {
    const missing = privilegesOf(role, name).filter((privilege) => !privileges.includes(privilege));
    return missing.length === 0 ? [] : [`${name}: ${missing.join(', ')}`];
  });
}
