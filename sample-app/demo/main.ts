import { setTimeout as delay } from 'node:timers/promises';
import { demoOrders } from './demo-orders.js';
import type { OrphanedRun, Standing } from './ledger.js';
import { LEAST_ORPHANS, SLOWEST_TAKEOVER_MS, report, seconds, table, type Row } from './report.js';
import { Screen } from './screen.js';
import type { ShopClient } from './shop-client.js';
import type { ShopProcess } from './shop-process.js';
import { Stage } from './stage.js';
import { watchTakeover } from './takeover.js';

const ORDERS = 50;
/** Two seconds of customers: orders still come in while the worker dies. */
const PLACING_INTERVAL_MS = 40;
/** The kill waits until some orders are on their way and enough others are not, so that it hits the middle of things. */
const KILL_AFTER_CONFIRMED = 10;
/** Some of its runs may end between the look and the kill. */
const KILL_MARGIN = 3;
const POLL_MS = 50;
/** Leaves the whole line within 80 columns. */
const BAR_WIDTH = 10;
/** Several times what it takes on two slow cores; the demo promises to end within a minute. */
const TIMEOUT_MS = 55_000;

const screen = new Screen(process.stdout);
const stage = new Stage();
/** What the demo waits for, to be told when it waits in vain. */
let awaited = 'the database, the web process and two workers were ready';

interface Workers {
  readonly a: ShopProcess;
  readonly b: ShopProcess;
}

/** @returns what is to be held against what happened. */
async function play(): Promise<Row[]> {
  const { client, web, workers } = await setUp();
  const orders = demoOrders(ORDERS);
  const unitsBefore = await stage.ledger.unitsAvailable();

  screen.say(`placing ${ORDERS} orders over HTTP; one of them asks for more than there is in stock`);
  const progress = { placed: 0 };
  const placing = place(client, orders, progress);
  // Handled where it is awaited; until then the demo may be busy with the kill.
  placing.catch(() => {});

  const victim = await until(async () => {
    const standing = await show(workers, progress.placed);
    if (hasEnded(standing)) throw new Error('all orders had ended before a worker had enough of them to be killed');
    return standing.confirmed >= KILL_AFTER_CONFIRMED ? busiest(standing, workers) : undefined;
  }, 'a worker had enough runs in flight to be worth killing');
  const { survivor, killedAt, orphans, before } = await kill(victim, workers);

  const [takeover] = await Promise.all([
    watchTakeover(stage.ledger, orphans, killedAt, SLOWEST_TAKEOVER_MS).then((seen) => {
      const times = `${seconds(seen.firstMs)}, with the last after ${seconds(seen.lastMs)}`;
      screen.say(screen.style('green', `${survivor.name} went on with the first of them after ${times}`));
      return seen;
    }),
    until(async () => hasEnded(await show(workers, progress.placed)) || undefined, 'all orders had ended'),
    placing,
  ]);
  screen.settle();

  const placed = await client.orders();
  const after = await evidence(orphans);
  return report({
    orders,
    placed,
    totals: await stage.ledger.totals(unitsBefore),
    orphans,
    journaledAtKill: before.journal.size,
    repeated: missing(before.journal, after.journal) + missing(before.calls, after.calls),
    takeover,
    exitCodes: await stage.stop([web, survivor]),
  });
}

async function setUp(): Promise<{ client: ShopClient; web: ShopProcess; workers: Workers }> {
  screen.show('starting the database');
  const database = await stage.open();
  screen.say(database.description);
  screen.show('starting a web process and two workers');
  // All three find an empty database and bring it up to date; locks see to it that one does and the others wait.
  const [{ process: web, client, url }, a, b] = await Promise.all([
    stage.startWeb(),
    stage.startWorker('worker A'),
    stage.startWorker('worker B'),
  ]);
  screen.say(`web process (pid ${web.pid}) answers at ${url}`);
  screen.say(`worker A (pid ${a.pid}) and worker B (pid ${b.pid}) wait for orders`);
  return { client, web, workers: { a, b } };
}

async function place(
  client: ShopClient,
  orders: ReturnType<typeof demoOrders>,
  progress: { placed: number },
): Promise<void> {
  const requests: Promise<void>[] = [];
  for (const order of orders) {
    const request = client.place(order).then(() => void (progress.placed += 1));
    // Handled below, once all are on their way.
    request.catch(() => {});
    requests.push(request);
    await delay(PLACING_INTERVAL_MS);
  }
  await Promise.all(requests);
}

function hasEnded({ completed, failed }: Standing): boolean {
  return completed + failed === ORDERS;
}

/** The worker with the most runs in flight, when these are enough. */
function busiest({ inFlight }: Standing, { a, b }: Workers): ShopProcess | undefined {
  const runs = (worker: ShopProcess): number => inFlight.get(worker.pid) ?? 0;
  const candidate = runs(a) >= runs(b) ? a : b;
  return runs(candidate) >= LEAST_ORPHANS + KILL_MARGIN ? candidate : undefined;
}

async function kill(victim: ShopProcess, { a, b }: Workers) {
  const survivor = victim === a ? b : a;
  const workerId = await stage.ledger.workerId(victim.pid);
  const killedAt = performance.now();
  await victim.kill();
  const orphans = await stage.ledger.heldBy(workerId);
  const before = await evidence(orphans);
  screen.say(
    screen.style('red', `kill -9 ${victim.pid}: ${victim.name} died with ${orphans.length} runs: ${at(orphans)}`),
  );
  const unknowingly = orphans.filter((run) => run.chargedUnknowingly).length;
  screen.say(`${unknowingly} of them were charged already, which no journal knows: nobody may be charged twice`);
  return { survivor, killedAt, orphans, before };
}

/** What the dead worker's runs had journaled, and how often the services behind that were called. */
async function evidence(orphans: readonly OrphanedRun[]) {
  const runs = orphans.map((run) => run.id);
  const [journal, calls] = await Promise.all([stage.ledger.journaled(runs), stage.ledger.journaledCalls(runs)]);
  return { journal, calls };
}

function missing(before: ReadonlySet<string>, after: ReadonlySet<string>): number {
  return [...before].filter((row) => !after.has(row)).length;
}

function at(orphans: readonly OrphanedRun[]): string {
  const counts = new Map<string, number>();
  for (const { node } of orphans) if (node !== null) counts.set(node, (counts.get(node) ?? 0) + 1);
  return [...counts].map(([node, runs]) => `${runs} in ${node}`).join(', ');
}

async function show({ a, b }: Workers, placed: number): Promise<Standing> {
  const standing = await stage.ledger.standing();
  const { completed, failed, parked, inFlight } = standing;
  const runs = (worker: ShopProcess): string => String(inFlight.get(worker.pid) ?? 0).padStart(2);
  const ended = completed + failed;
  const bar = '#'.repeat(Math.round((ended / ORDERS) * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
  const working = `working A ${runs(a)} B ${runs(b)}, parked ${String(parked).padStart(2)}`;
  screen.show(`[${bar}] placed ${placed}, ${working}, done ${completed}, undone ${failed}`);
  return standing;
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  awaited = what;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(POLL_MS);
  }
}

async function timeout(): Promise<never> {
  await delay(TIMEOUT_MS);
  throw new Error(`after ${TIMEOUT_MS / 1000} s it still waited until ${awaited}`);
}

/** Rejects when the user or the system wants the demo to end; children of a terminal get the same signal. */
function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    // `on`, not `once`: a second Ctrl-C must not end the process before it has cleaned up, which takes seconds at most.
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, () => reject(new Interrupted(signal)));
  });
}

class Interrupted extends Error {
  constructor(signal: NodeJS.Signals) {
    super(`${signal}: cleaning up`);
  }
}

function conclude(rows: readonly Row[]): number {
  screen.print();
  for (const line of table(rows, (row, cell) => screen.style(row.holds ? 'green' : 'red', cell))) screen.print(line);
  screen.print();
  const wrong = rows.filter((row) => !row.holds);
  for (const { what, expected, found } of wrong) screen.print(`WRONG: ${what}: expected ${expected}, found ${found}`);
  if (wrong.length > 0) return 1;
  screen.print('Every order was carried out or undone, and nothing happened twice, though a worker was killed.');
  return 0;
}

async function main(): Promise<number> {
  screen.print('Fifty orders, two workers, and one of them is killed. (nest-durable)\n');
  try {
    return conclude(await Promise.race([play(), stage.failed, interrupted(), timeout()]));
  } catch (error) {
    screen.settle();
    if (error instanceof Interrupted) {
      screen.print(error.message);
      return 130;
    }
    screen.print(`the demo failed: ${error instanceof Error ? error.message : String(error)}\n\n${stage.logs()}`);
    return 1;
  } finally {
    screen.close();
    await stage.close();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`the demo could not clean up: ${String(error)}\n`);
    process.exit(1);
  },
);
