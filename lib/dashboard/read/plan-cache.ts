import { planFromText, type PlanJson } from '../../definition/plan-json.js';
import type { DashboardStore } from '../../storage/contract/dashboard-store.contract.js';

/** A plan as a run names it. */
export interface PlanRef {
  readonly workflow: string;
  readonly version: number;
  readonly planHash: string;
}

/** Thousands of deployments; plans are some kilobytes. */
const MOST_PLANS = 2_000;

/** Plans by what runs say of them. They never change, so each is read once; what is not stored is asked for again. */
export class PlanCache {
  private readonly plans = new Map<string, PlanJson | null>();

  constructor(private readonly store: DashboardStore) {}

  /** Reads those that are missing, in one query. */
  async load(refs: readonly PlanRef[]): Promise<void> {
    const missing = new Map(refs.filter((ref) => !this.plans.has(keyOf(ref))).map((ref) => [keyOf(ref), ref]));
    if (missing.size === 0) return;
    if (this.plans.size > MOST_PLANS) this.plans.clear();
    const wanted = [...missing.values()].map(({ workflow, version, planHash }) => {
      return { name: workflow, version, hash: planHash };
    });
    for (const { name, version, hash, plan } of await this.store.plans(wanted)) {
      this.plans.set(keyOf({ workflow: name, version, planHash: hash }), planFromText(plan));
    }
  }

  /** A plan that was loaded; `null` where it is not stored, or in a format of a later release. */
  get(ref: PlanRef): PlanJson | null {
    return this.plans.get(keyOf(ref)) ?? null;
  }

  async of(ref: PlanRef): Promise<PlanJson | null> {
    await this.load([ref]);
    return this.get(ref);
  }
}

function keyOf({ workflow, version, planHash }: PlanRef): string {
  return JSON.stringify([workflow, version, planHash]);
}
