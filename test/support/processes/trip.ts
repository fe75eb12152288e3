import type { Client } from 'pg';
import {
  changedKeys,
  incompleteJournals,
  journaledStepsThatRanAgain,
  journaledStepsWithoutEffect,
  stepsThatRanOutOfOrder,
  transactionalEffectsNotOnce,
  type Violation,
} from '../invariants.js';

/** The steps of the workflow `trip`, in the order of its plan. */
export const TRIP_STEPS = ['quote', 'seat', 'pay', 'room', 'mail'];
export const TRANSACTIONAL_STEPS = ['seat', 'room'];
const OUTSIDE = TRIP_STEPS.filter((step) => !TRANSACTIONAL_STEPS.includes(step));

/** Everything that must hold of trips whose processes or database crashed. */
export async function violationsOfTrips(client: Client): Promise<Record<string, Violation[]>> {
  const found = {
    journaledStepsThatRanAgain: await journaledStepsThatRanAgain(client),
    stepsThatRanOutOfOrder: await stepsThatRanOutOfOrder(client),
    transactionalEffectsNotOnce: await transactionalEffectsNotOnce(client, TRANSACTIONAL_STEPS),
    journaledStepsWithoutEffect: await journaledStepsWithoutEffect(client, OUTSIDE),
    changedKeys: await changedKeys(client),
    incompleteJournals: await incompleteJournals(client, 'trip', TRIP_STEPS),
  };
  return Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0));
}

export function trips(count: number, latency: number): { latency: number }[] {
  return Array.from({ length: count }, () => ({ latency }));
}
