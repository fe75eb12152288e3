import type { NetworkCall, SimulatedNetwork } from '../../../sample-app/network/simulated-network.service.js';

interface Gate {
  readonly call: NetworkCall;
  readonly arrived: () => void;
  readonly opened: Promise<void>;
}

/** Takes no time. A held answer waits at a gate, after its effect has happened; a call may also be made to fail. */
export class GatedNetwork implements Pick<SimulatedNetwork, 'roundTrip'> {
  /** Every call so far, in order. */
  readonly calls: NetworkCall[] = [];
  private readonly gates: Gate[] = [];
  private readonly failures: NetworkCall[] = [];

  /** Holds the answer of the next such call: `reached` resolves when it has had its effect, `release` lets it go. */
  hold(call: NetworkCall): { readonly reached: Promise<void>; readonly release: () => void } {
    const { promise: reached, resolve: arrived } = deferred();
    const { promise: opened, resolve: release } = deferred();
    this.gates.push({ call, arrived, opened });
    return { reached, release };
  }

  /** Lets the next `times` such calls fail before they have had any effect. */
  fail(call: NetworkCall, times: number): void {
    for (let index = 0; index < times; index++) this.failures.push(call);
  }

  count(call: NetworkCall): number {
    return this.calls.filter((made) => made === call).length;
  }

  async roundTrip<T>(call: NetworkCall, effect: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.calls.push(call);
    const gate = take(this.gates, (candidate) => candidate.call === call);
    signal?.throwIfAborted();
    if (take(this.failures, (candidate) => candidate === call)) throw new Error(`${call}: connection reset`);
    const answer = await effect();
    if (gate !== undefined) {
      gate.arrived();
      await Promise.race([gate.opened, aborted(signal)]);
    }
    return answer;
  }
}

function take<T>(list: T[], wanted: (item: T) => boolean): T | undefined {
  const index = list.findIndex(wanted);
  return index < 0 ? undefined : list.splice(index, 1)[0];
}

function aborted(signal?: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
