import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { depth } from '../depth.js';
import type { Party } from './party.js';

/** How long a statement may take before the server is asked whether it waits for a lock. */
const PATIENCE_MS = 3;
/**
 * How often a party that could act on is passed over in one order. Few times find most of what there is to find (M. Musuvathi,
 * S. Qadeer, "Iterative context bounding for systematic testing of multithreaded programs", PLDI 2007), and leave most orders
 * of a long race out.
 */
const MOST_PREEMPTIONS = depth(Infinity, 4);

export interface Race<T> {
  readonly parties: readonly Party[];
  /** Called when all parties are through. */
  readonly outcome: () => Promise<T>;
}

/**
 * Runs a race in every order in which its parties can take their turns, as far as {@link MOST_PREEMPTIONS} goes: sets it up
 * anew for each, lets one party act at a time, and goes through the choices like a counter. A party that waits for a lock acts
 * on when it gets it.
 *
 * @param monitor a session that takes part in nothing.
 * @returns one outcome an order.
 */
export async function explore<T>(monitor: Client, setUp: () => Promise<Race<T>>): Promise<readonly T[]> {
  const outcomes: T[] = [];
  for (let given: readonly number[] | null = []; given !== null;) {
    const race = await setUp();
    const made = await playOut(monitor, race.parties, given);
    outcomes.push(await race.outcome());
    given = nextChoices(made);
  }
  return outcomes;
}

interface Choice {
  readonly taken: number;
  readonly of: number;
}

function nextChoices(made: readonly Choice[]): readonly number[] | null {
  const last = made.findLastIndex(({ taken, of }) => taken + 1 < of);
  return last < 0 ? null : [...made.slice(0, last).map(({ taken }) => taken), made[last].taken + 1];
}

async function playOut(
  monitor: Client,
  parties: readonly Party[],
  given: readonly number[],
): Promise<readonly Choice[]> {
  const made: Choice[] = [];
  let last: Party | null = null;
  let preemptions = 0;
  for (;;) {
    await settled(monitor, parties);
    const ready = whoMayAct(parties, last, preemptions < MOST_PREEMPTIONS);
    if (ready.length === 0) {
      if (parties.every(({ state }) => state === 'over')) return made;
      // Only a lock can be in the way: that of somebody refused, or a deadlock that the server will end.
      const refused = parties.filter(({ state }) => state === 'refused');
      for (const party of refused) party.encourage();
      if (refused.length === 0) await Promise.race(parties.map((party) => party.changed()));
      continue;
    }
    const taken = given[made.length] ?? 0;
    made.push({ taken, of: ready.length });
    if (last?.state === 'ready' && taken > 0) preemptions++;
    last = ready[taken];
    last.proceed();
    await settled(monitor, parties);
    // Who was turned away tries again once somebody has got on, or two of them would take turns for ever.
    const gotOn = ['ready', 'over'].includes(last.state);
    for (const party of parties) if (gotOn && party !== last) party.encourage();
  }
}

/** @returns first who acted last, if he may act on, and nobody else if he is not to be passed over. */
function whoMayAct(parties: readonly Party[], last: Party | null, preempted: boolean): readonly Party[] {
  const ready = parties.filter(({ state }) => state === 'ready');
  if (last?.state !== 'ready') return ready;
  return preempted ? [last, ...ready.filter((party) => party !== last)] : [last];
}

/** Resolves when nobody moves by himself any more: all stand before a statement, wait for a lock, or are through. */
async function settled(monitor: Client, parties: readonly Party[]): Promise<void> {
  for (;;) {
    const acting = parties.filter(({ state }) => state === 'acting');
    if (acting.length === 0) return;
    await Promise.race([...acting.map((party) => party.changed()), delay(PATIENCE_MS)]);
    const still = parties.filter(({ state }) => state === 'acting');
    if (still.length > 0 && (await allBlocked(monitor, still)) && still.every(({ state }) => state === 'acting'))
      return;
  }
}

async function allBlocked(monitor: Client, parties: readonly Party[]): Promise<boolean> {
  const { rows } = await monitor.query<{ blocked: boolean }>(
    'select bool_and(cardinality(pg_blocking_pids(pid)) > 0) as blocked from unnest($1::int[]) as pid',
    [parties.map(({ pid }) => pid)],
  );
  return rows[0].blocked;
}
