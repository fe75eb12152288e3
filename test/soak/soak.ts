import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { durableMigrationSql } from '../../lib/storage/postgres/migrations/durable-migration-sql.js';
import { Dice } from '../support/interleaving/dice.js';
import { RestartablePostgres } from '../support/restartable-postgres.js';
import { installAuditLog, keepCommitTimes } from './audit/audit-log.js';
import { loadFacts } from './audit/load-facts.js';
import { measure, type Measures } from './audit/measure.js';
import { Observer } from './audit/observer.js';
import { Fleet, type Slot } from './fleet/fleet.js';
import type { Aftermath } from './fleet/aftermath.js';
import { ALL_INVARIANTS } from './invariants/all-invariants.js';
import { endsInTime, everyWaitHasAnEnd } from './invariants/every-run-ends.js';
import type { Invariant, Violation } from './invariants/invariant.js';
import { OutsideLedger, type LedgerLine } from './ledger/outside-ledger.js';
import { lacking, REMEDIES, type SoakCounts } from './minima.js';
import { drawFault, drawFaultPlan, FAULT_KINDS, type TimedFault } from './nemesis/fault-plan.js';
import { Nemesis } from './nemesis/nemesis.js';
import type { SoakOptions } from './soak-options.js';
import { generatePlans } from './workload/generate-plans.js';
import type { PlanSpec } from './workload/plan-spec.js';
import { Traffic } from './workload/traffic.js';

/** The server keeps the time of each commit, which the invariants ask for. */
const SERVER_SETTINGS = { track_commit_timestamp: 'on', max_connections: '300' };
/** What is left when the faults stop is a few retries and backoffs, of which the longest is two seconds. */
const ENDINGS_MS = 90_000;
const BATCH = 80;
/** How long more faults of a kind are done of which there were too few. */
const OVERTIME_MS = 30_000;
const OVERTIME_SHARE = 0.25;
const OVERTIME_PAUSE_MS = 1_500;

export interface SoakResult {
  readonly measures: Measures;
  readonly faults: Readonly<Record<string, number>>;
  readonly processes: Fleet['counts'];
  readonly traffic: Traffic['counts'];
  readonly verdicts: readonly { readonly invariant: Invariant; readonly violations: readonly Violation[] }[];
  readonly lacking: ReturnType<typeof lacking>;
}

/** One soak, from an empty server to its verdict. `run` once. */
export class Soak {
  readonly plans: readonly PlanSpec[];
  readonly faults: readonly TimedFault[];
  private readonly dice: Dice;
  private nemesis: Nemesis | null = null;
  private endsEarly = false;

  constructor(
    private readonly options: SoakOptions,
    private readonly say: (line: string) => void,
  ) {
    this.dice = new Dice(options.seed);
    this.plans = generatePlans(this.dice);
    this.faults = options.faults ?? drawFaultPlan(this.dice, options.durationMs, options.only);
  }

  async run(): Promise<SoakResult> {
    const folder = mkdtempSync(path.join(tmpdir(), 'nest-durable-soak-'));
    const ledgerFile = path.join(folder, 'ledger');
    const server = await RestartablePostgres.start(SERVER_SETTINGS);
    const observer = new Observer(server.url);
    const fleet = new Fleet({ url: server.url, ledger: ledgerFile, plans: this.plans });
    const traffic = new Traffic(fleet, observer, this.plans, this.dice, this.options.runs);
    try {
      await (await observer.client()).query(durableMigrationSql());
      await installAuditLog(await observer.client());
      const ledger = new OutsideLedger(ledgerFile);
      const guest = await this.startFleet(fleet);
      const nemesis = new Nemesis({ fleet, server, observer, ledger, guest });
      this.nemesis = nemesis;
      traffic.begin();
      await this.storm(nemesis, ledgerFile);
      const aftermath = {
        ...(await this.calm(fleet, guest, traffic, observer, ledgerFile)),
        serverCrashes: server.crashes,
      };
      return await this.judge(server.url, ledgerFile, { aftermath, nemesis, fleet, traffic });
    } finally {
      await traffic.end();
      await fleet.end();
      await observer.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** No further faults: from now on it is as at the end of the plan. */
  endEarly(): void {
    this.endsEarly = true;
    this.nemesis?.endEarly();
  }

  private async startFleet(fleet: Fleet): Promise<Slot> {
    for (let number = 1; number <= this.options.workers; number++) {
      fleet.open(await fleet.add(`worker-${number}`, 'first', number === 1));
    }
    await this.until('all workers to be ready', 60_000, () => fleet.well.length === this.options.workers);
    return fleet.add('guest', 'second');
  }

  private async storm(nemesis: Nemesis, ledgerFile: string): Promise<void> {
    this.say(`${this.faults.length} faults in ${this.options.durationMs / 1_000} s`);
    await nemesis.carryOut(this.faults);
    const over = performance.now() + Math.max(OVERTIME_MS, this.options.durationMs * OVERTIME_SHARE);
    for (;;) {
      const short = Object.keys(this.lacking(roughCounts(nemesis, ledgerFile)));
      if (short.length === 0 || this.endsEarly || performance.now() > over) break;
      this.say(`goes on for want of ${short.join(', ')}`);
      for (const name of short) nemesis.begin(drawFault(REMEDIES[name as keyof SoakCounts], this.dice));
      await delay(OVERTIME_PAUSE_MS);
    }
    await nemesis.calm();
  }

  /** From the last fault until nothing is left to do: what must recover does so here. */
  private async calm(
    fleet: Fleet,
    guest: Slot,
    traffic: Traffic,
    observer: Observer,
    ledgerFile: string,
  ): Promise<Omit<Aftermath, 'serverCrashes'>> {
    const calmFrom = Date.now();
    traffic.endStarts();
    fleet.open(guest);
    const fresh = await fleet.add('fresh', 'first');
    fleet.open(fresh);
    await this.until('all workers to be ready', 60_000, () => fleet.well.length === fleet.slots.length);
    this.say('the faults have stopped');
    await traffic.startBatch(BATCH);
    const violations = async ({ check }: Invariant): Promise<readonly Violation[]> => {
      return check({ client: await observer.client(), aftermath: NOTHING });
    };
    await this.until('all runs to end that are not kept waiting', ENDINGS_MS, async () => {
      return (await violations(endsInTime)).length === 0;
    });
    const sleepers = [...(await violations(endsInTime)), ...(await violations(everyWaitHasAnEnd))];
    traffic.serveLateOnes();
    await this.until('all runs to end', ENDINGS_MS, async () => {
      return (await observer.rows('select from durable.run where finished_at is null limit 1')).length === 0;
    });
    await traffic.end();
    await delay(2_000); // idle connections of the pools are given back after one second
    const begun = processesThatBegan(ledgerFile, calmFrom);
    const workers = [];
    for (const { name, process, proxy } of fleet.slots) {
      const vitals = await process!.ask({ command: 'vitals' });
      workers.push({ name, progressed: begun.has(process!.pid), vitals, connections: proxy.applications });
    }
    const { vitals } = workers[fleet.slots.indexOf(fresh)];
    return { workers, fresh: vitals, unexpectedEnds: fleet.unexpectedEnds, sleepers };
  }

  private async judge(
    url: string,
    ledgerFile: string,
    seen: { aftermath: Aftermath; nemesis: Nemesis; fleet: Fleet; traffic: Traffic },
  ): Promise<SoakResult> {
    const client = new Client({ connectionString: url, application_name: 'soak' });
    await client.connect();
    try {
      await loadFacts(client, this.plans, ledgerFile);
      await keepCommitTimes(client);
      await client.query('analyze');
      const verdicts = [];
      for (const invariant of ALL_INVARIANTS) {
        verdicts.push({ invariant, violations: await invariant.check({ client, aftermath: seen.aftermath }) });
      }
      const measures = await measure(client, seen.nemesis);
      return {
        ...{
          measures,
          verdicts,
          faults: seen.nemesis.counts,
          processes: seen.fleet.counts,
          traffic: seen.traffic.counts,
        },
        lacking: this.lacking(measures.counts),
      };
    } finally {
      await client.end();
    }
  }

  private lacking(counts: SoakCounts): ReturnType<typeof lacking> {
    const { only, durationMs } = this.options;
    return only.length < FAULT_KINDS.length ? {} : lacking(counts, durationMs);
  }

  /** What it waits for in vain is found again by an invariant, with the reason. */
  private async until(what: string, withinMs: number, ask: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await ask())) {
      if (performance.now() > deadline) {
        this.say(`waited in vain for ${what}`);
        return;
      }
      await delay(100);
    }
  }
}

const NOTHING: Aftermath = {
  workers: [],
  fresh: { sockets: 0, timers: 0, heapMb: 0 },
  unexpectedEnds: [],
  sleepers: [],
  serverCrashes: [],
};

function linesOf(ledgerFile: string): LedgerLine[] {
  const text = readFileSync(ledgerFile, 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as LedgerLine);
}

function processesThatBegan(ledgerFile: string, since: number): Set<number> {
  const begun = linesOf(ledgerFile).filter(({ event, at }) => event === 'begin' && at >= since);
  return new Set(begun.map(({ by }) => by));
}

/** From the ledger alone, while everything is in motion; the exact ones come from the tables. */
function roughCounts({ counts, outages }: Nemesis, ledgerFile: string): SoakCounts {
  const lines = linesOf(ledgerFile);
  const killed = lines.filter((line) => line.event === 'killed');
  return {
    kills: killed.length,
    restarts: outages.length,
    takeovers: killed.length,
    fencedWrites: lines.reduce((sum, line) => sum + (line.event === 'fenced' ? line.count : 0), 0),
    unknownCommits: (counts['cut after commit'] ?? 0) + (counts['cut after checkpoint'] ?? 0),
    crashesInUndo: counts['kill in-undo'] ?? 0,
  };
}
