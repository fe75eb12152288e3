import { monitorEventLoopDelay } from 'node:perf_hooks';
import { latencyOf, type Latency } from '../measure/statistics.js';
import { SUBJECTS } from '../subjects/catalogue.js';
import { type Parking, type PlanName, type Subject } from '../subjects/subject.interface.js';
import { CommitProbe } from './commit-probe.js';
import { Lanes } from './lanes.js';
import type { Answer, ProcessReading, Request, TaskArgs, TaskName, TaskResult } from './protocol.js';

/** Fine enough for a goal of 50 ms; a finer one takes CPU time of its own. */
const LOOP_RESOLUTION_MS = 10;
const NS_A_MS = 1e6;

/** One engine in a process of its own, so that CPU time and memory are its own. It does what its parent asks for. */
class SubjectHost {
  private subject: Subject | null = null;
  private url = '';
  private steps = 0;
  private readonly loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });

  readonly tasks: { [Name in TaskName]: (args: TaskArgs<Name>) => TaskResult<Name> | Promise<TaskResult<Name>> } = {
    open: async ({ subject, spec }) => {
      this.url = spec.url;
      this.subject = await SUBJECTS[subject](spec, () => void this.steps++);
      return { settings: this.subject.settings };
    },
    keepGoing: ({ plan, inFlight }) => {
      void new Lanes(this.opened(), plan, inFlight).ended();
      this.loopDelay.enable();
      return null;
    },
    read: ({ collect }) => this.read(collect === true),
    latency: ({ plan, samples, seconds }) => this.latency(plan, samples, seconds),
    starts: ({ callers, seconds }) => this.starts(callers, seconds),
    startMany: async ({ plan, count }) => {
      const { startMany } = this.opened();
      if (startMany === null) return null;
      const began = performance.now();
      await startMany(plan, count);
      return { seconds: (performance.now() - began) / 1000 };
    },
    park: async ({ count }) => {
      await this.parking().startMany(count);
      return null;
    },
    signalAll: ({ runs, callers }) => this.signalAll(runs, callers),
  };

  private opened(): Subject {
    if (this.subject === null) throw new Error('the subject is not open');
    return this.subject;
  }

  private parking(): Parking {
    const { parking } = this.opened();
    if (parking === null) throw new Error('signals of this subject are not measured');
    return parking;
  }

  private read(collect: boolean): ProcessReading {
    if (collect) (globalThis as { gc?: () => void }).gc?.();
    const { user, system } = process.cpuUsage();
    // A reading is the time from one look to the next: a loop that is never held up reads the resolution.
    const loopDelayP99Ms = Math.max(0, this.loopDelay.percentile(99) / NS_A_MS - LOOP_RESOLUTION_MS);
    this.loopDelay.reset();
    return {
      atMs: performance.now(),
      steps: this.steps,
      cpuMs: (user + system) / 1000,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      heapMiB: process.memoryUsage().heapUsed / 2 ** 20,
      loopDelayP99Ms,
    };
  }

  private async latency(plan: PlanName, samples: number, seconds: number): Promise<{ run: Latency; commit: Latency }> {
    const subject = this.opened();
    const probe = await CommitProbe.open(this.url);
    const times = { run: [] as number[], commit: [] as number[] };
    const end = performance.now() + seconds * 1000;
    while (times.run.length < samples && (times.run.length === 0 || performance.now() < end)) {
      times.run.push(await timed(() => subject.run(plan)));
      times.commit.push(await timed(() => probe.commit()));
    }
    await probe.close();
    return { run: latencyOf(times.run), commit: latencyOf(times.commit) };
  }

  private async starts(callers: number, seconds: number): Promise<{ started: number; seconds: number }> {
    const subject = this.opened();
    const began = performance.now();
    const end = began + seconds * 1000;
    let started = 0;
    const caller = async (): Promise<void> => {
      while (performance.now() < end) {
        await subject.start('one-step');
        started++;
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return { started, seconds: (performance.now() - began) / 1000 };
  }

  private async signalAll(runs: readonly string[], callers: number): Promise<{ seconds: number }> {
    const parking = this.parking();
    const began = performance.now();
    let next = 0;
    const caller = async (): Promise<void> => {
      while (next < runs.length) await parking.signal(runs[next++]);
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return { seconds: (performance.now() - began) / 1000 };
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const host = new SubjectHost();
const answer = (message: Answer): void => void process.send?.(message);
process.on('message', ({ id, task, args }: Request) => {
  const work = host.tasks[task] as (args: unknown) => unknown;
  void Promise.resolve()
    .then(() => work(args))
    .then((result) => answer({ id, result }))
    .catch((error: unknown) =>
      answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
});
process.on('disconnect', () => process.exit());
