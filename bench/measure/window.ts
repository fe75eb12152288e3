import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessReading } from '../processes/protocol.js';
import type { ServerMeter, ServerReading } from './server-meter.js';
import type { Figures } from './statistics.js';

/** Whoever can say what a process has done. */
export interface Readable {
  read(): Promise<ProcessReading>;
}

/** What processes and their server do in so many seconds of a steady load, a step. */
export async function measureWindow(
  server: ServerMeter,
  processes: readonly Readable[],
  seconds: number,
): Promise<Figures> {
  const before = await readAll(server, processes);
  await delay(seconds * 1000);
  const after = await readAll(server, processes);
  return figuresOf(before, after);
}

export interface Readings {
  readonly server: ServerReading;
  readonly processes: readonly ProcessReading[];
}

export async function readAll(server: ServerMeter, processes: readonly Readable[]): Promise<Readings> {
  const [reading, ...rest] = await Promise.all([server.read(), ...processes.map((each) => each.read())]);
  return { server: reading, processes: rest };
}

/** The steps a second are the sum of what each process did by its own clock. */
export function figuresOf(before: Readings, after: Readings): Figures {
  const each = after.processes.map((now, index) => {
    const then = before.processes[index];
    const steps = now.steps - then.steps;
    return { steps, perSecond: (steps / (now.atMs - then.atMs)) * 1000, cpuMs: now.cpuMs - then.cpuMs };
  });
  const steps = sum(each.map((one) => one.steps));
  const server = (figure: keyof ServerReading): number | null => {
    const [from, to] = [before.server[figure], after.server[figure]];
    return from === null || to === null || steps === 0 ? null : (to - from) / steps;
  };
  const nodeCpuMs = steps === 0 ? null : sum(each.map((one) => one.cpuMs)) / steps;
  const postgresCpuMs = server('cpuMs');
  return {
    stepsPerSecond: sum(each.map((one) => one.perSecond)),
    nodeCpuMs,
    postgresCpuMs,
    cpuMs: nodeCpuMs === null || postgresCpuMs === null ? null : nodeCpuMs + postgresCpuMs,
    statements: server('statements'),
    commits: server('commits'),
    walBytes: server('walBytes'),
    rssMiB: Math.max(...after.processes.map((one) => one.peakRssMiB)),
    loopDelayP99Ms: Math.max(...after.processes.map((one) => one.loopDelayP99Ms)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
