import { comparePlans, unknownPlan } from '../definition/compare-plans.js';
import { planFromText, type PlanJson } from '../definition/plan-json.js';
import { footprintOfMarks, uniformFootprint, type RunFootprint } from '../definition/run-footprint.js';
import type { PlanDifference } from '../errors/index.js';
import type { PlaceCount, RunCount } from '../storage/contract/plan-store.contract.js';
import type { PlanCheck } from './plan-report.interface.js';
import type { RunnerBackend } from './runner-backend.interface.js';

/**
 * Says of every run in flight what this process's code would do with it, in groups, without touching anything.
 *
 * One query counts runs by plan and place. Only where it depends on what a run has journaled, and a removed branch or
 * compensation is all that does, are the journals of that place grouped by a second one.
 */
export class PlanChecker {
  constructor(private readonly backend: RunnerBackend) {}

  async check(): Promise<readonly PlanCheck[]> {
    await this.backend.ready();
    const places = await this.backend.plans.places();
    const checks: PlanCheck[] = [];
    const stored = new Map<string, PlanJson | null>();
    for (const place of places) checks.push(...(await this.checkPlace(place, stored)));
    return checks;
  }

  private async checkPlace(place: PlaceCount, stored: Map<string, PlanJson | null>): Promise<PlanCheck[]> {
    const { workflow, version, planHash, cursor } = place;
    const former = await this.storedPlan(place, stored);
    const present = this.backend.registeredPlan(workflow, version);
    const group = (
      verdict: PlanCheck['verdict'],
      differences: readonly PlanDifference[],
      { runs, stopped, sample }: RunCount,
    ): PlanCheck => ({
      ...{ workflow, version, planHash, registeredHash: present?.hash ?? null, verdict, currentStep: cursor },
      ...{ currentNode: former?.nodes[cursor]?.name ?? null, differences, runs, stopped, sample },
    });
    if (!present) return [group('notRegistered', [], place)];
    if (present.hash === planHash) return [group('unchanged', [], place)];
    if (!former) return [group('stops', [unknownPlan(planHash)], place)];
    const judge = (footprint: RunFootprint, counts: RunCount): PlanCheck => {
      const differences = comparePlans(former, present, { cursor, begun: place.begun, footprint });
      return group(differences.length === 0 ? 'goesOn' : 'stops', differences, counts);
    };
    const least = judge(uniformFootprint(false), place);
    const most = judge(uniformFootprint(true), place);
    if (least.differences.length === most.differences.length) return [least];
    const footprints = await this.backend.plans.footprints(place, namesOf(most.differences));
    return merged(footprints.map(({ marks, ...counts }) => judge(footprintOfMarks(marks), counts)));
  }

  private async storedPlan(place: PlaceCount, stored: Map<string, PlanJson | null>): Promise<PlanJson | null> {
    const { workflow, version, planHash } = place;
    const key = JSON.stringify([workflow, version, planHash]);
    if (!stored.has(key)) {
      const definition = await this.backend.plans.definition(workflow, version, planHash);
      stored.set(key, definition && planFromText(definition.plan));
    }
    return stored.get(key)!;
  }
}

function namesOf(differences: readonly PlanDifference[]): string[] {
  return [...new Set(differences.flatMap(({ node }) => (node === null ? [] : [node])))];
}

/** Runs that differ in their journals, and not in what becomes of them, are one group. */
function merged(checks: readonly PlanCheck[]): PlanCheck[] {
  const groups = new Map<string, PlanCheck>();
  for (const check of checks) {
    const key = JSON.stringify(check.differences);
    const known = groups.get(key);
    groups.set(key, known ? together(known, check) : check);
  }
  return [...groups.values()];
}

function together(one: PlanCheck, other: PlanCheck): PlanCheck {
  const ids = [...new Set([...one.sample, ...other.sample])].sort();
  return {
    ...one,
    runs: one.runs + other.runs,
    stopped: one.stopped + other.stopped,
    sample: ids.length > 2 ? [ids[0], ids[ids.length - 1]] : ids,
  };
}
