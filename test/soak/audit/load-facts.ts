import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { RUN_TRANSITIONS } from '../../../lib/index.js';
import type { LedgerLine } from '../ledger/outside-ledger.js';
import {
  attemptsOf,
  STUBBORN_ATTEMPTS,
  type BranchSpec,
  type NodeSpec,
  type PlanSpec,
  type UnitSpec,
} from '../workload/plan-spec.js';

/** What is known beside the database, as tables, so that every invariant is one question in SQL. */
const TABLES = `
create table soak.line (
  seq int primary key, event text not null, at timestamptz not null, by int not null, run_id uuid, key text, unit text,
  attempt int, busy int, beside int, count int, pid int, where_to text);
create table soak.plan (
  workflow text, version int, ending text not null, child boolean not null, primary key (workflow, version));
create table soak.unit (
  workflow text, version int, ordinal int, node text, unit text, kind text not null, undo text, transactional boolean,
  attempts int, concurrency int, times int, appended boolean not null, primary key (workflow, version, unit));
create table soak.transition (status_before text, status text, primary key (status_before, status));
`;

interface UnitRow {
  readonly unit: string;
  readonly kind: string;
  readonly spec: UnitSpec | null;
  readonly transactional: boolean;
  readonly concurrency: number;
  readonly times: number;
}

/** The unit that a journal key belongs to: without `undo:`, and without the number of an iteration or item. */
export function unitOfKey(key: string): string {
  return key.replace(/^undo:/, '').replace(/#\d+$/, '#');
}

export async function loadFacts(client: Client, plans: readonly PlanSpec[], ledgerFile: string): Promise<void> {
  await client.query(TABLES);
  await loadPlans(client, plans);
  await loadLedger(client, ledgerFile);
  const pairs = Object.entries(RUN_TRANSITIONS).flatMap(([before, after]) =>
    after.map((status) => ({ before, status })),
  );
  await client.query(
    'insert into soak.transition select * from json_to_recordset($1) as t (before text, status text)',
    [JSON.stringify(pairs)],
  );
}

async function loadPlans(client: Client, plans: readonly PlanSpec[]): Promise<void> {
  await client.query(
    `insert into soak.plan select * from json_to_recordset($1) as p (workflow text, version int, ending text, child boolean)`,
    [JSON.stringify(plans)],
  );
  const units = plans.flatMap((plan) => {
    const nodes = plan.appended ? [...plan.nodes, plan.appended] : plan.nodes;
    return nodes.flatMap((node, ordinal) =>
      unitsOf(node).map(({ spec, ...unit }) => ({
        ...{ workflow: plan.workflow, version: plan.version, ordinal, node: node.name, ...unit },
        ...{ undo: spec?.undo ?? null, attempts: spec ? maxAttempts(node, spec) : STUBBORN_ATTEMPTS },
        appended: node === plan.appended,
      })),
    );
  });
  await client.query(
    `insert into soak.unit (workflow, version, ordinal, node, unit, kind, undo, transactional, attempts, concurrency, times, appended)
     select workflow, version, ordinal, node, unit, kind, undo, transactional, attempts, concurrency, times, appended
       from json_to_recordset($1) as u (workflow text, version int, ordinal int, node text, unit text, kind text, undo text,
            transactional boolean, attempts int, concurrency int, times int, appended boolean)`,
    [JSON.stringify(units)],
  );
}

function maxAttempts(node: NodeSpec, spec: UnitSpec): number {
  return node.kind === 'step' ? attemptsOf(node) : attemptsOf(spec);
}

/** `kind` is that of the unit's journal rows. */
function unitsOf(node: NodeSpec): UnitRow[] {
  const row = (unit: string, kind: string, spec: UnitSpec | null, more: Partial<UnitRow> = {}): UnitRow => {
    return { unit, kind, spec, transactional: false, concurrency: 1, times: 1, ...more };
  };
  const branches = (list: readonly BranchSpec[], times: number): UnitRow[] =>
    list.map((branch) => row(`${node.name}.${branch.name}`, 'branch', branch, { times }));
  switch (node.kind) {
    case 'step':
      return [row(node.name, 'step', node, { transactional: node.transactional })];
    case 'parallel':
      return [row(node.name, 'composite', null), ...branches(node.branches, 1)];
    case 'route':
      // One of the branches is taken.
      return [row(node.name, 'decision', null), ...branches(node.branches, 0)];
    case 'loop':
      return [row(node.name, 'composite', null), row(`${node.name}#`, 'iteration', node, { times: node.times })];
    case 'forEach': {
      const { times, concurrency } = node;
      return [row(node.name, 'composite', null), row(`${node.name}#`, 'item', node, { times, concurrency })];
    }
    case 'sleep':
      return [row(node.name, 'sleep', null)];
    case 'signal':
    case 'any':
      return [row(node.name, 'signal', null)];
    case 'child':
      return [row(node.name, 'child', null)];
  }
}

const CHUNK = 20_000;

/** The last line of a process that was killed while it wrote is whole: the kernel writes lines, not bytes. */
async function loadLedger(client: Client, file: string): Promise<void> {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  for (let from = 0; from < lines.length; from += CHUNK) {
    const rows = lines.slice(from, from + CHUNK).map((line, index) => {
      const { at, ...event } = JSON.parse(line) as LedgerLine & { readonly key?: string };
      return { ...event, seq: from + index, at: new Date(at).toISOString(), unit: event.key && unitOfKey(event.key) };
    });
    await client.query(
      `insert into soak.line (seq, event, at, by, run_id, key, unit, attempt, busy, beside, count, pid, where_to)
       select seq, event, at, by, run, key, unit, attempt, busy, beside, count, pid, "where"
         from json_to_recordset($1) as l (seq int, event text, at timestamptz, by int, run uuid, key text, unit text,
              attempt int, busy int, beside int, count int, pid int, "where" text)`,
      [JSON.stringify(rows)],
    );
  }
  await client.query(
    'create index on soak.line (run_id, key); create index on soak.line (event, at); analyze soak.line',
  );
}
