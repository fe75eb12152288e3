import pg from 'pg';

/** Where all runs stand at one moment. */
export interface Standing {
  /** Orders that have arrived. */
  readonly completed: number;
  /** Orders that were undone. */
  readonly failed: number;
  /** Orders that have left the house. */
  readonly confirmed: number;
  /** Runs, shipments among them, that wait in the database and hold no process. */
  readonly parked: number;
  /** Runs that a process executes right now, by its pid. */
  readonly inFlight: ReadonlyMap<number, number>;
}

/** A run as it was when its worker died. */
export interface OrphanedRun {
  readonly id: string;
  readonly epoch: number;
  /** The node that it was at. */
  readonly node: string | null;
  /** The provider has the money, and the journal does not know. */
  readonly chargedUnknowingly: boolean;
}

/** What the books say at the end. */
export interface Totals {
  readonly orders: number;
  readonly shipments: number;
  readonly compensated: number;
  readonly steps: number;
  readonly undos: number;
  readonly ordersCharged: number;
  readonly payments: number;
  readonly refunds: number;
  readonly repeatedCharges: number;
  readonly ordersReserved: number;
  readonly unitsReserved: number;
  readonly unitsMissing: number;
  readonly linesPacked: number;
  readonly labels: number;
  readonly parcels: number;
  readonly mails: number;
  readonly messages: number;
}

/** Reads the engine's tables and the shop's, as an auditor would: beside the application, not through it. */
export class Ledger {
  private readonly database: pg.Pool;

  constructor(url: string) {
    this.database = new pg.Pool({ connectionString: url, application_name: 'demo', max: 3 });
    // The server may go down under idle connections when the demo is interrupted.
    this.database.on('error', () => {});
  }

  close(): Promise<void> {
    return this.database.end();
  }

  async standing(): Promise<Standing> {
    const { rows } = await this.database.query<{ workflow: string; status: string; pid: number | null; count: number }>(
      `select r.workflow, r.status, w.pid, count(*)::int as count
         from durable.run r left join durable.worker w on w.id = r.worker_id group by 1, 2, 3`,
    );
    const orders = await this.database.query<{ confirmed: number }>(
      `select count(*)::int as confirmed from shop."order" where status in ('confirmed', 'delivered')`,
    );
    const count = (select: (row: (typeof rows)[number]) => boolean): number =>
      rows.filter(select).reduce((sum, row) => sum + row.count, 0);
    const inFlight = new Map<number, number>();
    for (const { pid, count: runs } of rows) if (pid !== null) inFlight.set(pid, (inFlight.get(pid) ?? 0) + runs);
    return {
      completed: count(({ workflow, status }) => workflow === 'order' && status === 'completed'),
      failed: count(({ workflow, status }) => workflow === 'order' && status === 'failed'),
      parked: count(({ status, pid }) => status === 'suspended' && pid === null),
      confirmed: orders.rows[0].confirmed,
      inFlight,
    };
  }

  async workerId(pid: number): Promise<string> {
    const { rows } = await this.database.query<{ id: string }>('select id from durable.worker where pid = $1', [pid]);
    if (rows[0] === undefined) throw new Error(`process ${pid} is not registered as a worker`);
    return rows[0].id;
  }

  /** The runs that a worker held when it died. */
  async heldBy(worker: string): Promise<OrphanedRun[]> {
    const { rows } = await this.database.query<OrphanedRun>(
      `select r.id, r.epoch, d.plan -> 'nodes' -> r.cursor ->> 'name' as node,
              exists (select from shop.payment p where p.idempotency_key = r.id || ':charge' and p.status = 'captured')
                and not exists (select from durable.journal j where j.run_id = r.id and j.key = 'charge') as "chargedUnknowingly"
         from durable.run r
         join durable.definition d on d.name = r.workflow and d.version = r.version and d.hash = r.plan_hash
        where r.worker_id = $1 order by r.id`,
      [worker],
    );
    return rows;
  }

  /** The journal rows of some runs, each as one string, so that two readings can be compared. */
  async journaled(runs: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.database.query<{ row: string }>(
      `select concat_ws(' ', run_id, key, epoch, position, completed_at, result) as row
         from durable.journal where run_id = any($1)`,
      [runs],
    );
    return new Set(rows.map(({ row }) => row));
  }

  /**
   * How often each journaled charge, packed line and label of some runs was asked for, as strings to be compared: one more call after
   * its journal row was there would be a step that ran again.
   */
  async journaledCalls(runs: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.database.query<{ row: string }>(
      `select concat_ws(' ', c.idempotency_key, c.calls) as row
         from (select idempotency_key, calls from shop.payment union all
               select idempotency_key, calls from shop.packing union all
               select idempotency_key, calls from shop.shipment) c
         join durable.journal j on j.run_id || ':' || j.key = c.idempotency_key
        where j.run_id = any($1)`,
      [runs],
    );
    return new Set(rows.map(({ row }) => row));
  }

  /**
   * Of some runs of a dead worker, those that somebody has claimed since: a claim raises the epoch, and nothing else does.
   * One that ended without was ended by a statement that the dead worker had sent before it died.
   */
  async goneOn(runs: readonly OrphanedRun[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.database.query<{ id: string }>(
      `select r.id from durable.run r join unnest($1::uuid[], $2::int[]) as was (id, epoch) on was.id = r.id
        where r.epoch > was.epoch or r.finished_at is not null`,
      [runs.map((run) => run.id), runs.map((run) => run.epoch)],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** All articles in stock, reserved ones not included. */
  async unitsAvailable(): Promise<number> {
    const { rows } = await this.database.query<{ units: number }>(
      'select sum(available)::int as units from shop.stock',
    );
    return rows[0].units;
  }

  async totals(unitsBefore: number): Promise<Totals> {
    const { rows } = await this.database.query<Totals>(
      `select
         (select count(*) from durable.run where workflow = 'order' and status = 'completed')::int as orders,
         (select count(*) from durable.run where workflow = 'shipment' and status = 'completed')::int as shipments,
         (select count(distinct r.id) from durable.run r join durable.journal j on j.run_id = r.id
           where r.status = 'failed' and j.kind = 'undo')::int as compensated,
         (select count(*) from durable.journal where kind in ('step', 'branch', 'item', 'iteration'))::int as steps,
         (select count(*) from durable.journal where kind = 'undo')::int as undos,
         (select count(distinct order_id) from shop.payment where status in ('captured', 'refunded'))::int as "ordersCharged",
         (select count(*) from shop.payment where status in ('captured', 'refunded'))::int as payments,
         (select count(*) from shop.payment where status = 'refunded')::int as refunds,
         (select coalesce(sum(calls - 1), 0) from shop.payment where calls > 1)::int as "repeatedCharges",
         (select count(distinct order_id) from shop.reservation where released_at is null)::int as "ordersReserved",
         (select coalesce(sum(quantity), 0) from shop.reservation where released_at is null)::int as "unitsReserved",
         $1::int - (select sum(available) from shop.stock)::int as "unitsMissing",
         (select count(*) from shop.packing where unpacked_at is null)::int as "linesPacked",
         (select count(*) from shop.shipment where canceled_at is null)::int as labels,
         (select count(*) from shop.shipment where handed_over_at is not null)::int as parcels,
         (select count(*) from shop.notification where template = 'order-confirmed' and channel = 'email')::int as mails,
         (select count(*) from shop.notification where template = 'order-confirmed' and channel = 'sms')::int as messages`,
      [unitsBefore],
    );
    return rows[0];
  }
}
