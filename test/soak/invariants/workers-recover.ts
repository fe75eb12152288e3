import type { Evidence, Invariant, Violation } from './invariant.js';

/** A process that lived through everything may have grown by what its caches hold; beyond that it leaks. */
const HEAP_ALLOWANCE_MB = 24;
const TIMER_ALLOWANCE = 2;

/** Judges the processes rather than the tables. */
export const workersRecover: Invariant = {
  name: 'workers-recover',
  statement:
    'Once the faults have stopped, every live worker makes progress, holds no connection twice and no more timers and heap than a new one, and no connection is left in a transaction; no process has ended but by what was done to it.',
  check: async (evidence) => [
    ...endings(evidence),
    ...progress(evidence),
    ...baseline(evidence),
    ...(await leftovers(evidence)),
  ],
};

function endings({ aftermath }: Evidence): Violation[] {
  return aftermath.unexpectedEnds.map(({ name, how }) => ({ subject: name, what: how }));
}

function progress({ aftermath }: Evidence): Violation[] {
  return aftermath.workers
    .filter(({ progressed }) => !progressed)
    .map(({ name }) => ({ subject: name, what: 'did nothing after the faults had stopped' }));
}

function baseline({ aftermath: { workers, fresh } }: Evidence): Violation[] {
  return workers.flatMap(({ name, vitals, connections }) => {
    const found: Violation[] = [];
    const above = (what: string, value: number, limit: number): void => {
      if (value > limit)
        found.push({ subject: name, what: `has ${value} ${what}, and a new process allows for ${limit}` });
    };
    // The engine opens each of its connections when it is first needed, and once; the application's pool gives idle ones back.
    const twice = connections.filter((role, index) => connections.indexOf(role) !== index);
    for (const role of twice) found.push({ subject: name, what: `holds the connection "${role}" twice` });
    const idle = connections.filter((role) => !role.startsWith('nest-durable:'));
    for (const role of idle) found.push({ subject: name, what: `still holds a connection of "${role}"` });
    if (vitals.sockets > connections.length) {
      found.push({ subject: name, what: `holds ${vitals.sockets} sockets for ${connections.length} connections` });
    }
    above('timers', vitals.timers, fresh.timers + TIMER_ALLOWANCE);
    above('MB of heap', Math.round(vitals.heapMb), Math.round(fresh.heapMb + HEAP_ALLOWANCE_MB));
    return found;
  });
}

async function leftovers({ client }: Evidence): Promise<Violation[]> {
  const { rows } = await client.query<Violation>(
    `select 'connection ' || pid || ' of ' || application_name as subject, 'is ' || state as what
       from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'
        and state_change < now() - interval '1 second'`,
  );
  return rows;
}
