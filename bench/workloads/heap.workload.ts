import { setTimeout as delay } from 'node:timers/promises';
import { median, type Figures } from '../measure/statistics.js';
import { inFlightOf } from '../subjects/best-in-flight.js';
import { OURS } from '../subjects/subject-names.js';
import { withSession, type Session } from './session.js';
import type { Workload } from './workload.interface.js';

export const HEAP = 'heap';
export const HEAP_ROW = 'ten no-op steps a run';

const STEPS = { full: 1_000_000, quick: 100_000 };
const READINGS = 20;
/** Of the readings, at either end. */
const END = 5;
const POLL_MS = 50;

/** The live heap, after a collection, over very many steps: what is never let go shows. */
export const heap: Workload = {
  name: HEAP,
  title: 'The heap after a collection, over very many steps of one process',
  turns: 1,
  columns: [
    { figure: 'steps', title: 'steps', digits: 0 },
    { figure: 'firstMiB', title: 'first MiB', digits: 1 },
    { figure: 'lastMiB', title: 'last MiB', digits: 1 },
    { figure: 'growthPercent', title: 'growth %', digits: 1 },
    { figure: 'rssMiB', title: 'RSS MiB', digits: 0 },
  ],
  cases: (bench) => [
    {
      row: HEAP_ROW,
      measure: () =>
        withSession(bench, { subject: OURS, nodeOptions: ['--expose-gc'] }, (session) =>
          measure(session, inFlightOf(OURS, bench.options), bench.options.quick ? STEPS.quick : STEPS.full),
        ),
    },
  ],
};

/** The first readings begin after a fifth of the way, when the compiler and the caches have settled. */
async function measure({ clients: [client] }: Session, inFlight: number, steps: number): Promise<Figures> {
  await client.ask('keepGoing', { plan: 'ten-steps', inFlight });
  const heaps: number[] = [];
  let reading = await client.ask('read', {});
  const settled = steps / 5;
  while (heaps.length < READINGS) {
    const next = settled + ((steps - settled) / (READINGS - 1)) * heaps.length;
    if (reading.steps < next) {
      await delay(POLL_MS);
      reading = await client.ask('read', {});
      continue;
    }
    reading = await client.ask('read', { collect: true });
    heaps.push(reading.heapMiB);
  }
  const [firstMiB, lastMiB] = [median(heaps.slice(0, END)), median(heaps.slice(-END))];
  const growthPercent = (lastMiB / firstMiB - 1) * 100;
  return { steps: reading.steps, firstMiB, lastMiB, growthPercent, rssMiB: reading.peakRssMiB };
}
