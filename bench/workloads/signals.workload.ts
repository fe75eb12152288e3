import { setTimeout as delay } from 'node:timers/promises';
import type { Figures } from '../measure/statistics.js';
import { readAll, figuresOf } from '../measure/window.js';
import { OURS } from '../subjects/subject-names.js';
import { readable, withSession, type Session } from './session.js';
import { untilSuspended } from './table-size.workloads.js';
import type { Workload } from './workload.interface.js';

const CALLERS = 32;
const RUNS = { full: 10_000, quick: 2_000 };
const POLL_MS = 5;

/** Each signal wakes a parked run, which does one more step and ends. */
export const signals: Workload = {
  name: 'signals',
  title: `Signals to parked runs, ${CALLERS} callers; the process that sends them also executes the runs`,
  columns: [
    { figure: 'signalsPerSecond', title: 'signals/s', digits: 0 },
    { figure: 'endedPerSecond', title: 'runs ended/s', digits: 0 },
    { figure: 'cpuMs', title: 'CPU ms', digits: 3 },
    { figure: 'statements', title: 'statements', digits: 3 },
    { figure: 'commits', title: 'commits', digits: 3 },
    { figure: 'walBytes', title: 'WAL bytes', digits: 0 },
  ],
  cases: (bench) => {
    const runs = bench.options.quick ? RUNS.quick : RUNS.full;
    return [
      {
        row: `${runs.toLocaleString('en-US')} parked runs`,
        measure: () => withSession(bench, { subject: OURS }, (session) => measure(session, runs)),
      },
    ];
  },
};

async function measure({ url, clients, meter }: Session, count: number): Promise<Figures> {
  const [client] = clients;
  await client.ask('park', { count });
  const runs = await untilSuspended(url, count);
  const processes = [readable(client)];
  const before = await readAll(meter, processes);
  const began = performance.now();
  const { seconds } = await client.ask('signalAll', { runs, callers: CALLERS });
  let after = await readAll(meter, processes);
  while (after.processes[0].steps - before.processes[0].steps < count) {
    await delay(POLL_MS);
    after = await readAll(meter, processes);
  }
  const ended = (performance.now() - began) / 1000;
  return { ...figuresOf(before, after), signalsPerSecond: count / seconds, endedPerSecond: count / ended };
}
