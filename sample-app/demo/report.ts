import { UNITS_IN_VAIN, isFlaky, isImpossible, unitsOf } from './demo-orders.js';
import type { OrphanedRun, Totals } from './ledger.js';
import type { PlacedOrder } from './shop-client.js';
import type { Takeover } from './takeover.js';
import type { Order } from '../orders/order.interface.js';

/** What happened, as far as the books do not say it. */
export interface Observations {
  readonly orders: readonly Order[];
  readonly placed: readonly PlacedOrder[];
  readonly totals: Totals;
  /** The runs that the dead worker held. */
  readonly orphans: readonly OrphanedRun[];
  /** Journal rows that those runs had at the kill. */
  readonly journaledAtKill: number;
  /** Of these rows, and of the calls behind them, those that are no longer as they were. */
  readonly repeated: number;
  readonly takeover: Takeover;
  readonly exitCodes: readonly (number | null)[];
}

export interface Row {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly holds: boolean;
}

/** Fewer, and the kill would have shown nothing. */
export const LEAST_ORPHANS = 5;

/**
 * A dead worker's lease lasts 15 s. Well under that, only its dropped connection can have given it away; well over the
 * second that this takes, a slow machine does not fail the demo.
 */
export const SLOWEST_TAKEOVER_MS = 10_000;

/** Compares what happened with what must have happened. */
export function report(seen: Observations): Row[] {
  const { totals, orders } = seen;
  const deliverable = orders.filter((order) => !isImpossible(order));
  const impossible = orders.length - deliverable.length;
  const lines = deliverable.flatMap((order) => order.lines);
  const reservedUnits = lines.reduce((sum, line) => sum + line.quantity, 0);
  const units = deliverable.reduce((sum, order) => sum + unitsOf(order), 0);
  // Flaky cards are charged again by design; a charge that the dead worker never heard of, by its successor.
  const repeats = orders.filter(isFlaky).length + seen.orphans.filter((run) => run.chargedUnknowingly).length;
  const delivered = seen.placed.filter((order) => order.status === 'delivered').length;
  const rejected = seen.placed.filter((order) => order.status === 'rejected').length;
  return [
    equal('orders delivered, says the shop', deliverable.length, delivered),
    equal('orders rejected, says the shop', impossible, rejected),
    equal('runs completed: orders', deliverable.length, totals.orders),
    equal('runs completed: their shipments', deliverable.length, totals.shipments),
    equal('runs compensated', impossible, totals.compensated),
    equal('steps journaled', units + impossible * UNITS_IN_VAIN, totals.steps),
    equal('undos journaled', impossible * UNITS_IN_VAIN, totals.undos),
    equal('orders charged', orders.length, totals.ordersCharged),
    equal('payments, one an order', orders.length, totals.payments),
    row(
      'charges asked for twice, made once',
      `≥ ${repeats}`,
      `${totals.repeatedCharges}`,
      totals.repeatedCharges >= repeats,
    ),
    equal('payments refunded', impossible, totals.refunds),
    equal('orders with stock reserved', deliverable.length, totals.ordersReserved),
    equal('units reserved', reservedUnits, totals.unitsReserved),
    equal('units gone from stock', reservedUnits, totals.unitsMissing),
    equal('lines packed, each once', lines.length, totals.linesPacked),
    equal('labels booked, one an order', deliverable.length, totals.labels),
    equal('parcels handed over', deliverable.length, totals.parcels),
    equal('confirmations by mail', deliverable.length, totals.mails),
    equal('confirmations by SMS', deliverable.filter((order) => order.phone !== undefined).length, totals.messages),
    row(
      'runs in flight at the kill',
      `≥ ${LEAST_ORPHANS}`,
      `${seen.orphans.length}`,
      seen.orphans.length >= LEAST_ORPHANS,
    ),
    equal(`of their ${seen.journaledAtKill} journal rows, executed again`, 0, seen.repeated),
    row(
      'the first of them went on after',
      `< ${seconds(SLOWEST_TAKEOVER_MS)}`,
      seconds(seen.takeover.firstMs),
      seen.takeover.firstMs < SLOWEST_TAKEOVER_MS,
    ),
    row(
      'the last of them went on after',
      `< ${seconds(SLOWEST_TAKEOVER_MS)}`,
      seconds(seen.takeover.lastMs),
      seen.takeover.lastMs < SLOWEST_TAKEOVER_MS,
    ),
    row(
      'exit codes after SIGTERM',
      '0, 0',
      seen.exitCodes.join(', '),
      seen.exitCodes.every((code) => code === 0),
    ),
  ];
}

/** Lays rows out as a table. */
export function table(rows: readonly Row[], mark: (row: Row, cell: string) => string): string[] {
  const cells = [{ what: '', expected: 'expected', found: 'found' }, ...rows];
  const width = (column: 'what' | 'expected' | 'found'): number =>
    Math.max(...cells.map((cell) => cell[column].length));
  const line = (cell: { what: string; expected: string; found: string }): string =>
    `  ${cell.what.padEnd(width('what'))}   ${cell.expected.padStart(width('expected'))}   ${cell.found.padStart(width('found'))}`;
  return [line(cells[0]), ...rows.map((row) => `${line(row)}   ${mark(row, row.holds ? 'ok' : 'WRONG')}`)];
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function equal(what: string, expected: number, found: number): Row {
  return row(what, String(expected), String(found), expected === found);
}

function row(what: string, expected: string, found: string, holds: boolean): Row {
  return { what, expected, found, holds };
}
