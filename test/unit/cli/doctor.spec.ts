/** What the doctor makes of what it is told. Where the facts come from is covered by test/integration/cli. */
import { judgeBacklog, judgePlans, judgeStopped, judgeWorkers } from '../../../lib/cli/doctor/judge-runs.js';
import { judgeSchema } from '../../../lib/cli/doctor/judge-schema.js';
import { judgeClock, judgeServer, judgeSessions } from '../../../lib/cli/doctor/judge-server.js';
import { stateOf } from '../../../lib/cli/worker-state.js';
import type { PlanCheck } from '../../../lib/index.js';
import type {
  SchemaFacts,
  ServerFacts,
  SurveyedWorker,
} from '../../../lib/storage/contract/database-survey.contract.js';

const SETTINGS = {
  ...{ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', autovacuum: 'on' },
  ...{ max_connections: '100', superuser_reserved_connections: '3', default_transaction_read_only: 'off' },
};
const SERVER: ServerFacts = {
  ...{ version: '15.8', versionNumber: 150_008, database: 'orders', role: 'app', superuser: false },
  ...{ inRecovery: false, encoding: 'UTF8', settings: SETTINGS, connections: 5, mayCreate: true },
};
const SCHEMA: SchemaFacts = {
  ...{ exists: true, usable: true, pending: [], applied: ['001-initial'], newer: [] },
  ...{
    missingTables: [],
    unreadableTables: [],
    lacksAsWorker: [],
    lacksAsOperator: [],
    missingIndexes: [],
    invalidIndexes: [],
  },
};
const WORKER: SurveyedWorker = {
  ...{ id: 'w', name: 'host:1', host: 'host', pid: 1, queue: 'durable', workflows: ['order@1'], slots: 10, held: 2 },
  ...{ heartbeatAt: new Date(), expiresAt: new Date(), startedAt: new Date(), heartbeatAgeMs: 5 },
  ...{ leased: true, locked: true },
};

const notOk = (findings: readonly { check: string; level: string; fix: string | null }[]): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ check, level }) => `${check} ${level}`);

describe('a server', () => {
  it('that is set well is found well', () => {
    expect(notOk(judgeServer(SERVER))).toEqual([]);
  });

  it.each<[string, Partial<ServerFacts>, string]>([
    ['too old', { versionNumber: 120_000 }, 'database.version fail'],
    ['no longer mended', { versionNumber: 130_010 }, 'database.version warn'],
    ['of another encoding', { encoding: 'LATIN1' }, 'database.encoding fail'],
    ['a standby', { inRecovery: true }, 'database.writable fail'],
    ['nearly full', { connections: 90 }, 'setting.max_connections warn'],
    ['without fsync', { settings: { ...SETTINGS, fsync: 'off' } }, 'setting.fsync fail'],
    ['that loses commits', { settings: { ...SETTINGS, synchronous_commit: 'off' } }, 'setting.synchronous_commit fail'],
    ['that tears pages', { settings: { ...SETTINGS, full_page_writes: 'off' } }, 'setting.full_page_writes warn'],
    ['that is never vacuumed', { settings: { ...SETTINGS, autovacuum: 'off' } }, 'setting.autovacuum warn'],
    [
      'that is read-only for the role',
      { settings: { ...SETTINGS, default_transaction_read_only: 'on' } },
      'database.writable fail',
    ],
    [
      'that is thrown away anyway',
      { settings: { ...SETTINGS, fsync: 'off', 'nest_durable.allow_unsafe_durability': 'on' } },
      'setting.fsync warn',
    ],
  ])('%s is told, with what to do', (_, facts, finding) => {
    const findings = judgeServer({ ...SERVER, ...facts });
    expect(notOk(findings)).toEqual([finding]);
    expect(findings.find(({ level }) => level !== 'ok')?.fix).toEqual(expect.any(String));
  });

  it.each([
    [{ aheadMs: 300, roundTripMs: 1 }, 'ok'],
    [{ aheadMs: -2_500, roundTripMs: 1 }, 'warn'],
    [{ aheadMs: 2_500, roundTripMs: 2_000 }, 'ok'],
    [{ aheadMs: 3_600_000, roundTripMs: 1 }, 'fail'],
  ])('whose clock differs by %j: %s', (facts, level) => {
    expect(judgeClock(facts).level).toBe(level);
  });

  it('behind a pooler that hands sessions round is refused', () => {
    expect(judgeSessions('own').level).toBe('ok');
    expect(judgeSessions('transaction').level).toBe('fail');
    expect(judgeSessions('statement').level).toBe('fail');
  });
});

describe('a schema', () => {
  it('that is complete is found well', () => {
    expect(notOk(judgeSchema('durable', SCHEMA, SERVER))).toEqual([]);
  });

  it.each<[string, Partial<SchemaFacts>, string[]]>([
    ['that is not there', { exists: false, usable: false, pending: ['001-initial'] }, ['schema fail']],
    ['that the role may not use', { usable: false }, ['role fail']],
    ['whose tables the role may not read', { unreadableTables: ['run'] }, ['role fail']],
    [
      'whose tables the role may only read',
      { lacksAsWorker: ['run: UPDATE'], lacksAsOperator: ['run: UPDATE'] },
      ['role warn'],
    ],
    ['that the role may repair but not work in', { lacksAsWorker: ['run: INSERT'] }, []],
    ['that is behind', { pending: ['002-more'] }, ['schema fail']],
    ['that is ahead', { newer: ['009-later'] }, ['schema warn']],
    ['that lost a table', { missingTables: ['signal'] }, ['tables fail']],
    ['that lost an index', { missingIndexes: ['run_due'] }, ['indexes fail']],
    ['whose index was never finished', { invalidIndexes: ['run_due'] }, ['indexes fail']],
  ])('%s', (_, facts, findings) => {
    expect(notOk(judgeSchema('durable', { ...SCHEMA, ...facts }, SERVER))).toEqual(findings);
  });
});

describe('workers and what waits for them', () => {
  const dead = { ...WORKER, leased: false, locked: false };
  const cutOff = { ...WORKER, locked: false };

  it('live while their lease runs and their connection is there', () => {
    expect([stateOf(WORKER), stateOf(cutOff), stateOf(dead)]).toEqual(['alive', 'cut off', 'dead']);
  });

  it.each<[string, SurveyedWorker[], string]>([
    ['alive', [WORKER], 'ok'],
    ['none', [], 'warn'],
    ['one of them dead', [WORKER, dead], 'warn'],
    ['all of them dead', [dead], 'fail'],
  ])('%s', (_, workers, level) => {
    expect(judgeWorkers(workers).level).toBe(level);
  });

  const due = { workflow: 'order', version: 1, queue: 'durable', runs: 3, oldestMs: 1_000 };

  it.each([
    ['nothing', [], 'ok'],
    ['what is taken in a moment', [due], 'ok'],
    ['what has waited for long', [{ ...due, oldestMs: 600_000 }], 'warn'],
    ['a version that nobody has', [{ ...due, version: 2 }], 'fail'],
    ['a queue that nobody serves', [{ ...due, queue: 'mail' }], 'fail'],
  ])('with %s due', (_, backlog, level) => {
    expect(judgeBacklog(backlog, [WORKER]).level).toBe(level);
  });
});

describe('plans', () => {
  const check = (verdict: PlanCheck['verdict']): PlanCheck => ({
    ...{ workflow: 'order', version: 1, planHash: 'a', registeredHash: 'b', verdict, currentStep: 0 },
    ...{ currentNode: 'charge', differences: [], runs: 4, stopped: 0, sample: [] },
  });

  it.each<[string, PlanCheck[] | null, string]>([
    ['there is no code to compare with', null, 'ok'],
    ['every run goes on', [check('unchanged'), check('goesOn')], 'ok'],
    ['the code lacks a workflow', [check('notRegistered')], 'warn'],
    ['runs would stop', [check('unchanged'), check('stops')], 'fail'],
  ])('when %s', (_, checks, level) => {
    expect(judgePlans(checks).level).toBe(level);
  });

  it('when runs stand still already', () => {
    expect(judgeStopped([]).level).toBe('ok');
    expect(judgeStopped([{ workflow: 'order', version: 1, runs: 2 }])).toMatchObject({
      ...{ level: 'fail', message: 'stand still because their plan changed: 2 of order@1' },
    });
  });
});
