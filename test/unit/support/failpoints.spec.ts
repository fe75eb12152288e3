/*
 * Covers the failpoints of the crash tests: that every statement which changes something has its points, what a
 * specification may say, and the places of a write. What a hit does to a process is in test/crash/failpoints.spec.ts.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { allMigrations } from '../../../lib/storage/postgres/migrations/all-migrations.js';
import * as migrationTable from '../../../lib/storage/postgres/migrations/migration-table.sql.js';
import { checkpointUnits } from '../../../lib/storage/postgres/sql/checkpoint-units.sql.js';
import { journalUnit } from '../../../lib/storage/postgres/sql/journal-unit.sql.js';
import { journalLastUnit } from '../../../lib/storage/postgres/sql/last-unit.sql.js';
import { checkpointRuns } from '../../../lib/storage/postgres/sql/checkpoint.sql.js';
import type { Checkpoint, JournalEntry, NewRun, RunMove } from '../../../lib/storage/contract/records.js';
import { Failpoints, type Answer } from '../../support/failpoints/failpoints.mjs';
import { PLACES, POINTS, pointsOf } from '../../support/failpoints/points.mjs';
import { FailpointSpecificationError, parseFailpoints } from '../../support/failpoints/specification.mjs';

const SQL = 'lib/storage/postgres/sql';
const SCHEMA = '"durable"';
/** Functions of the folder that make no statement by themselves. */
const PARTS = new Set(['isUnitDone', 'newRunColumns', 'insertNewRuns', 'nowSql', 'quoteIdentifier', 'schemaTag']);

/** An argument that is whatever a function asks for: lists that are mapped are empty, properties are arguments again. */
function anything(says: boolean): unknown {
  const self: unknown = new Proxy(() => self, {
    get: (_, name) => {
      if (name === Symbol.iterator) return () => [self].values();
      if (name === Symbol.toPrimitive) return () => 'x';
      if (name === 'some') return () => says;
      if (name === 'every') return () => true;
      if (name === 'length') return says ? 1 : 2;
      if (name === 'map' || name === 'flatMap' || name === 'filter') return () => [];
      return self;
    },
    has: () => says,
  });
  return self;
}

/** Every statement that the files of a folder can make, by the function that makes it. */
async function allStatements(): Promise<readonly (readonly [string, string])[]> {
  const found: [string, string][] = [];
  for (const file of readdirSync(SQL).filter((name) => name.endsWith('.sql.ts'))) {
    const module = (await import(path.resolve(SQL, file))) as Record<string, unknown>;
    for (const [name, make] of Object.entries(module)) {
      if (typeof make !== 'function' || PARTS.has(name)) continue;
      for (const says of [true, false]) {
        const argument = anything(says);
        const made: unknown = (make as (...values: unknown[]) => unknown)(SCHEMA, ...Array(6).fill(argument));
        for (const part of [made].flat() as { text?: unknown }[]) {
          if (typeof part?.text === 'string') found.push([`${file} ${name}`, part.text]);
        }
      }
    }
  }
  return found;
}

const CHANGES = /\b(insert into|update|delete from|create|alter|drop)\b/;

/** Whether a statement changes a table, and does not only lock rows of it. */
function changes(text: string): boolean {
  return CHANGES.test(text.toLowerCase().replaceAll(/'[^']*'|for (no key )?update|do update set/g, ''));
}

describe('the points', () => {
  it('are known for every statement that changes something', async () => {
    const statements = await allStatements();
    const mutating = statements.filter(([, text]) => changes(text));
    expect(mutating.length).toBeGreaterThan(60);
    expect(mutating.filter(([, text]) => pointsOf(text).length === 0).map(([name]) => name)).toEqual([]);
    expect(statements.filter(([, text]) => !changes(text) && pointsOf(text).length > 0)).toEqual([]);
  });

  it('are known for what migrations do', () => {
    const texts = [
      ...allMigrations.flatMap((migration) => [migration.sql(SCHEMA), migration.undo(SCHEMA)]),
      migrationTable.createMigrationTable(SCHEMA),
      migrationTable.recordMigration(SCHEMA, '001'),
      migrationTable.forgetMigration(SCHEMA, '001'),
    ];
    expect(texts.map((text) => pointsOf(text))).toEqual(texts.map(() => ['migrate']));
  });

  it('are each of some statement', async () => {
    const found = new Set((await allStatements()).flatMap(([, text]) => pointsOf(text)));
    const ofCheckpoints = ['flush', 'step', 'park', 'child', 'compensation', 'complete'];
    const missing = Object.keys(POINTS).filter((point) => !found.has(point) && !ofCheckpoints.includes(point));
    expect(missing).toEqual([]);
  });

  it.each(Object.entries(checkpoints()))('of a checkpoint that %s', (_, [batch, transaction, expected]) => {
    const { text, values } = checkpointRuns(SCHEMA, batch, null, transaction);
    expect(pointsOf(text, values)).toEqual(expected);
    const shorter = [
      checkpointUnits(SCHEMA, batch, null),
      journalUnit(SCHEMA, batch, null),
      journalLastUnit(SCHEMA, batch, null),
    ];
    for (const statement of transaction === null ? shorter : []) {
      if (statement !== null) expect(pointsOf(statement.text, statement.values)).toEqual(expected);
    }
  });

  it('are none of a statement of the application', () => {
    for (const text of ['insert into "orders" (id) values ($1)', 'update durable_runs r set x = 1', 'select 1']) {
      expect(pointsOf(text)).toEqual([]);
    }
  });
});

function checkpoints(): Record<string, [Checkpoint[], { began: string } | null, string[]]> {
  const entry = (kind: JournalEntry['kind']): JournalEntry => {
    return { key: 'k', kind, result: '1', attempt: 1, position: 0, durationMs: 1 };
  };
  const move = (status: RunMove['status'], held: boolean): RunMove => {
    return { status, cursor: 1, held, quiet: false, due: null, awaiting: null, error: null, ifWakeups: null };
  };
  const of = (parts: Partial<Checkpoint>): Checkpoint => ({
    ...{ runId: 'r', epoch: 1, seen: 0, journal: [], attempts: [], progress: [], children: [], consumed: [] },
    ...{ move: null, parentId: null },
    ...parts,
  });
  const child = { id: 'c', parentId: 'r' } as NewRun;
  const step = of({ journal: [entry('step')], move: move('running', true) });
  const quiet = { ...step, move: { ...move('running', true), quiet: true } };
  return {
    'journals a step': [[step], null, ['step', 'flush']],
    'journals a step and leaves the row alone': [[quiet], null, ['step', 'flush']],
    'journals a step in its transaction': [[step], { began: 'now' }, ['txstep', 'step']],
    'journals a branch and stays': [[of({ journal: [entry('branch')] })], null, ['step', 'flush']],
    parks: [[of({ journal: [entry('suspension')], move: move('suspended', false) })], null, ['park', 'flush']],
    'starts a child': [[of({ children: [child], move: move('suspended', false) })], null, ['child', 'park', 'flush']],
    'begins to undo': [[of({ move: move('compensating', true) })], null, ['compensation', 'flush']],
    'journals an undo': [[of({ journal: [entry('undo')] })], null, ['compensation', 'flush']],
    'hands a run back': [[of({ move: move('pending', false) })], null, ['park', 'flush']],
    'ends a run': [[of({ move: move('completed', false) })], null, ['complete', 'flush']],
    'only keeps progress': [[of({ progress: [{ key: 'k', value: '1' }] })], null, ['flush']],
    'journals two steps': [[step, step], null, ['step', 'flush']],
    'journals the last step': [
      [of({ journal: [entry('step')], move: { ...move('completed', false), ifWakeups: 0 } })],
      null,
      ['complete', 'step', 'flush'],
    ],
    'is two': [[step, of({ move: move('failed', false) })], null, ['complete', 'step', 'flush']],
  };
}

describe('a specification', () => {
  it('says point, place, action, argument and hit', () => {
    expect(parseFailpoints(' step:after-commit=kill@3; claim:before=block:500;*:*=log:/x/y@z.jsonl;')).toEqual([
      { point: 'step', place: 'after-commit', action: 'kill', argument: null, hit: 3 },
      { point: 'claim', place: 'before', action: 'block', argument: '500', hit: null },
      { point: '*', place: '*', action: 'log', argument: '/x/y@z.jsonl', hit: null },
    ]);
  });

  it.each([
    ['step', 'it has not the form point:place=action'],
    ['stepp:before=kill', 'there is no point "stepp"'],
    ['toString:before=kill', 'there is no point "toString"'],
    ['step:behind=kill', 'there is no place "behind"'],
    ['step:before=explode', 'there is no action "explode"'],
    ['step:before=kill@0', '"@0" is no number of a hit, from 1'],
    ['step:before=kill@x', '"@x" is no number of a hit, from 1'],
    ['step:before=kill:9', 'kill takes no argument'],
    ['step:before=block', 'block needs milliseconds, as in block:500'],
    ['step:before=block:soon', 'block needs milliseconds, as in block:500'],
    ['step:before=throw:oops', 'throw needs a SQLSTATE, as in throw:40001'],
    ['step:before=throw:00000', 'throw needs a SQLSTATE, as in throw:40001'],
    [
      'step:after-commit=throw:40001',
      'after a commit the database fails with nothing but 08..., 57P.. or 40003, which leave the outcome open',
    ],
    ['step:after-acknowledgement=throw:40001', 'throw has nobody to act upon after the acknowledgement'],
  ])('is refused when it says %s, with all that there is', (part, problem) => {
    const refused = (): unknown => parseFailpoints(`claim:before=kill;${part}`);
    expect(refused).toThrow(FailpointSpecificationError);
    expect(refused).toThrow(`The failpoint "${part}" is not understood: ${problem}.`);
    for (const name of [...Object.keys(POINTS), ...Object.keys(PLACES), 'kill', 'block:ms']) {
      expect(refused).toThrow(name);
    }
  });
});

describe('a write', () => {
  const RECLAIM = 'delete from "durable".worker w using seen';

  /** Everything that is sent, and the places between. */
  async function trace(specification: string, texts: readonly string[], answerToCommit = 'COMMIT'): Promise<string[]> {
    const seen: string[] = [];
    const world = { pid: 1, kill: () => seen.push('kill'), on: () => undefined, off: () => undefined };
    const client = { connection: { stream: { destroy: () => seen.push('cut') } } };
    const failpoints = new Failpoints(parseFailpoints(specification), world);
    const send = (text: string): Promise<Answer> => {
      seen.push(text.replace(/ "durable".*/s, ''));
      if (text.startsWith('do ')) return Promise.reject(new Error('a failpoint'));
      return Promise.resolve({ command: text === 'commit' ? answerToCommit : '' });
    };
    for (const text of texts) {
      const sent = failpoints.wrap(client, { text, values: [] }, () => send(text), send);
      await sent.catch((error: Error) => seen.push(error.message));
    }
    await new Promise((resolve) => setImmediate(resolve));
    return seen;
  }

  const own = ['begin', RECLAIM, RECLAIM, 'commit'];

  it.each([
    ['before', [RECLAIM], ['cut', 'Connection terminated unexpectedly']],
    ['in-transaction', [RECLAIM], ['begin', 'delete from', 'cut', 'rollback', 'Connection terminated unexpectedly']],
    ['before-commit', [RECLAIM], ['begin', 'delete from', 'cut', 'rollback', 'Connection terminated unexpectedly']],
    ['after-commit', [RECLAIM], ['delete from', 'cut', 'Connection terminated unexpectedly']],
    ['after-acknowledgement', [RECLAIM], ['delete from', 'cut']],
    ['before-commit', own, ['begin', 'delete from', 'delete from', 'cut', 'Connection terminated unexpectedly']],
    [
      'after-commit',
      own,
      ['begin', 'delete from', 'delete from', 'commit', 'cut', 'Connection terminated unexpectedly'],
    ],
  ])('is hit %s', async (place, texts, expected) => {
    expect(await trace(`recover:${place}=cut@1`, texts)).toEqual(expected);
  });

  it('is hit where the n-th one is', async () => {
    expect(await trace('recover:in-transaction=cut@2', own)).toEqual([
      ...['begin', 'delete from', 'delete from', 'cut', 'Connection terminated unexpectedly', 'commit'],
    ]);
  });

  it('has not committed when the answer to its COMMIT is ROLLBACK', async () => {
    expect(await trace('recover:after-commit=cut', own, 'ROLLBACK')).not.toContain('cut');
  });

  it('is refused by the database itself', async () => {
    const [, , raised] = await trace('recover:before-commit=throw:40001', [RECLAIM]);
    expect(raised).toBe(`do $$ begin raise exception using errcode = '40001', message = 'a failpoint'; end $$`);
  });

  it('is sent as it is when nothing is to happen to it', async () => {
    expect(await trace('step:in-transaction=cut', [RECLAIM])).toEqual(['delete from']);
  });
});
