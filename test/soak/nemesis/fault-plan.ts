import type { Dice } from '../../support/interleaving/dice.js';
import { LEASE_MS, TRAPS, type TrapPlace } from '../fleet/soak-settings.js';

/** What the nemesis can do. `slot` picks a worker process: the first living one from that place on. */
export type Fault =
  | { readonly kind: 'kill'; readonly slot: number }
  | { readonly kind: 'trap'; readonly slot: number; readonly place: TrapPlace }
  | { readonly kind: 'stop'; readonly slot: number; readonly ms: number }
  | { readonly kind: 'term'; readonly slot: number }
  | { readonly kind: 'restart'; readonly mode: 'fast' | 'immediate'; readonly downMs: number }
  | { readonly kind: 'kill-backends'; readonly count: number }
  | { readonly kind: 'cut'; readonly slot: number; readonly text: string; readonly moment: 'before' | 'after' }
  | { readonly kind: 'reset'; readonly slot: number }
  | { readonly kind: 'black-hole'; readonly slot: number; readonly ms: number }
  | { readonly kind: 'partition'; readonly slot: number; readonly ms: number }
  | { readonly kind: 'half-open'; readonly slot: number; readonly ms: number }
  | { readonly kind: 'latency'; readonly slot: number; readonly ms: number; readonly latencyMs: number }
  | { readonly kind: 'deploy' };

export type TimedFault = Fault & {
  /** Milliseconds after the faults have begun. */
  readonly at: number;
};

/** The statement that ends a transactional step, whole (a beginning says READ COMMITTED), and the name of the one that moves runs. */
const COMMIT = 'COMMIT\0';
const CHECKPOINT = 'checkpoint-';

/**
 * How often each kind is done in a minute. Together more than thirty kills in two minutes, so that half an hour holds five
 * hundred even if some find nobody alive; partitions of the control connection alone are what makes zombies that can write.
 */
const PER_MINUTE: Record<string, number> = {
  kill: 14,
  'trap-undo': 5,
  trap: 5,
  stop: 4,
  term: 2,
  'restart-fast': 1.1,
  'restart-immediate': 1.1,
  outage: 0.25,
  'kill-backends': 8,
  cut: 8,
  reset: 3,
  'black-hole': 2,
  partition: 5,
  'half-open': 2,
  latency: 2,
  deploy: 2,
};

/** One fault of a kind, with everything about it drawn from the dice. */
export function drawFault(kind: string, dice: Dice): Fault {
  const slot = Math.floor(dice.next() * 1_000);
  const leases = (from: number, to: number): number => Math.round(LEASE_MS * (from + dice.next() * (to - from)));
  switch (kind) {
    case 'kill':
      return { kind, slot };
    case 'trap-undo':
      return { kind: 'trap', slot, place: 'in-undo' };
    case 'trap':
      return { kind, slot, place: dice.pick(TRAPS) };
    case 'stop':
      return { kind, slot, ms: leases(0.3, 2) };
    case 'term':
      return { kind, slot };
    case 'restart-fast':
      return { kind: 'restart', mode: 'fast', downMs: 0 };
    case 'restart-immediate':
      return { kind: 'restart', mode: 'immediate', downMs: 0 };
    case 'outage':
      return { kind: 'restart', mode: dice.pick(['fast', 'immediate'] as const), downMs: leases(1.1, 1.6) };
    case 'kill-backends':
      return { kind, count: 1 + Math.floor(dice.next() * 4) };
    case 'cut':
      return {
        kind,
        slot,
        text: dice.pick([COMMIT, COMMIT, CHECKPOINT]),
        moment: dice.pick(['before', 'after'] as const),
      };
    case 'lost-answer':
      return { kind: 'cut', slot, text: COMMIT, moment: 'after' };
    case 'reset':
      return { kind, slot };
    case 'black-hole':
      return { kind, slot, ms: leases(0.3, 1.6) };
    case 'partition':
      return { kind, slot, ms: leases(0.4, 1.2) };
    case 'half-open':
      return { kind, slot, ms: leases(0.5, 1.5) };
    case 'latency':
      return { kind, slot, ms: leases(0.5, 1), latencyMs: 5 + Math.floor(dice.next() * 60) };
    case 'deploy':
      return { kind };
    default:
      throw new Error(`there is no fault of the kind ${kind}`);
  }
}

export const FAULT_KINDS = Object.keys(PER_MINUTE);

/** The faults of a soak, in the order of their times. Of every kind at least one, however short the soak. */
export function drawFaultPlan(
  dice: Dice,
  durationMs: number,
  kinds: readonly string[] = FAULT_KINDS,
): readonly TimedFault[] {
  const plan: TimedFault[] = [];
  for (const [kind, perMinute] of Object.entries(PER_MINUTE)) {
    if (!kinds.includes(kind)) continue;
    // The second code version joins, and leaves.
    const least = kind === 'deploy' ? 2 : 1;
    const count = Math.max(least, Math.round((perMinute * durationMs) / 60_000));
    for (let number = 0; number < count; number++) {
      // One in each equal part of the time, so that no kind comes all at once.
      const at = Math.round(((number + dice.next()) / count) * durationMs);
      plan.push({ at, ...drawFault(kind, dice) });
    }
  }
  return plan.sort((a, b) => a.at - b.at);
}
