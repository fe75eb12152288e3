import type { PlanJson } from '../../definition/plan-json.js';
import type {
  DashboardStore,
  DefinitionRow,
  PlaceRuns,
  WorkerRecord,
} from '../../storage/contract/dashboard-store.contract.js';
import type { WorkflowPause } from '../../storage/contract/run-repair.contract.js';
import type { Viewer } from '../access/viewer.js';
import type {
  DefinitionsAnswer,
  DifferenceAnswer,
  PlanView,
  WorkflowAnswer,
  WorkflowsAnswer,
  WorkflowView,
} from '../api/dashboard-api.contract.js';
import { DashboardRefusal } from '../http/dashboard-refusal.js';
import type { PlanCache } from './plan-cache.js';
import { differenceOf } from './plan-difference.js';
import { timeOf } from './run-view.js';

/** What this process knows of plans by itself. */
export interface RegisteredPlans {
  isRegistered(name: string, version: number, hash: string): boolean;
}

/** Where runs in flight are changes slowly, and reading all of them takes some ten milliseconds. */
const KEPT_MS = 2_000;

interface Survey {
  readonly now: Date;
  readonly definitions: readonly DefinitionRow[];
  readonly places: readonly PlaceRuns[];
  readonly workers: readonly WorkerRecord[];
  readonly pauses: readonly WorkflowPause[];
}

/** Workflows, their plans, and the runs that are in them. */
export class PlansReader {
  private kept: { readonly at: number; readonly places: Promise<readonly PlaceRuns[]> } | null = null;

  constructor(
    private readonly store: DashboardStore,
    private readonly plans: PlanCache,
    private readonly registered: RegisteredPlans,
  ) {}

  /** Names and versions that are known, sorted. */
  async names(): Promise<readonly { readonly name: string; readonly versions: readonly number[] }[]> {
    const versions = new Map<string, Set<number>>();
    for (const { name, version } of await this.store.definitions()) {
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
    return [...versions].map(([name, found]) => ({ name, versions: [...found] }));
  }

  async workflows(viewer: Viewer): Promise<WorkflowsAnswer> {
    const survey = await this.survey();
    const names = [...new Set(survey.definitions.map(({ name }) => name))];
    const allowed = await allowedOf(viewer);
    return { now: timeOf(survey.now), workflows: names.map((name) => this.workflowOf(name, survey, allowed)) };
  }

  /** @throws DashboardRefusal when there is no such plan. */
  async workflow(name: string, version: number, hash: string | undefined, viewer: Viewer): Promise<WorkflowAnswer> {
    const survey = await this.survey();
    const known = survey.definitions.filter((row) => row.name === name && row.version === version);
    const wanted = hash ?? known[0]?.hash;
    const plan = known.some((row) => row.hash === wanted) ? await this.plan(name, version, wanted) : null;
    if (!plan) throw new DashboardRefusal('not_found', `There is no plan of ${name}@${version} that can be shown.`);
    const places = survey.places.filter((place) => isOf(place, name, version, wanted));
    const byIndex = new Map<number, { runs: number; stopped: number }>();
    for (const { cursor, runs, stopped } of places) {
      const sum = byIndex.get(cursor) ?? { runs: 0, stopped: 0 };
      byIndex.set(cursor, { runs: sum.runs + runs, stopped: sum.stopped + stopped });
    }
    return {
      now: timeOf(survey.now),
      workflow: this.workflowOf(name, survey, await allowedOf(viewer)),
      plan,
      places: [...byIndex]
        .sort(([a], [b]) => a - b)
        .map(([index, counts]) => ({ node: plan.nodes[index]?.name ?? null, index, ...counts })),
    };
  }

  /** @throws DashboardRefusal when a side is no plan of the workflow. */
  async difference(name: string, from: string, to: string): Promise<DifferenceAnswer> {
    const definitions = (await this.store.definitions()).filter((row) => row.name === name);
    const [former, present] = await Promise.all([
      this.side('from', name, from, definitions),
      this.side('to', name, to, definitions),
    ]);
    return differenceOf(former, present);
  }

  async definitions(): Promise<DefinitionsAnswer> {
    const survey = await this.survey();
    return {
      now: timeOf(survey.now),
      definitions: survey.definitions.map((row) => ({ name: row.name, ...this.planView(row, survey) })),
    };
  }

  private async side(
    field: string,
    name: string,
    text: string,
    definitions: readonly DefinitionRow[],
  ): Promise<PlanJson> {
    const [version, hash] = text.split(':');
    const found = definitions.find(
      (row) => String(row.version) === version && (hash === undefined || row.hash === hash),
    );
    const plan = found && (await this.plan(name, found.version, found.hash));
    if (plan) return plan;
    throw new DashboardRefusal('not_found', `There is no plan ${text.slice(0, 100)} of ${name}.`, field);
  }

  private plan(workflow: string, version: number, planHash: string): Promise<PlanJson | null> {
    return this.plans.of({ workflow, version, planHash });
  }

  private async survey(): Promise<Survey> {
    const [definitions, places, { now, workers }, pauses] = await Promise.all([
      this.store.definitions(),
      this.places(),
      this.store.workers(),
      this.store.pauses(),
    ]);
    return { now, definitions, places, workers: workers.filter(({ expiresAt }) => expiresAt > now), pauses };
  }

  private places(): Promise<readonly PlaceRuns[]> {
    const now = performance.now();
    if (this.kept && now - this.kept.at < KEPT_MS) return this.kept.places;
    const places = this.store.places();
    this.kept = { at: now, places };
    places.catch(() => (this.kept = null));
    return places;
  }

  private workflowOf(name: string, survey: Survey, allowed: WorkflowView['allowed']): WorkflowView {
    return {
      name,
      plans: survey.definitions.filter((row) => row.name === name).map((row) => this.planView(row, survey)),
      pauses: survey.pauses
        .filter(({ workflow }) => workflow === name)
        .map(({ version, pausedAt, by, reason }) => ({ version, pausedAt: timeOf(pausedAt), by, reason })),
      allowed,
    };
  }

  private planView({ name, version, hash, nodes, registeredAt }: DefinitionRow, survey: Survey): PlanView {
    const places = survey.places.filter((place) => isOf(place, name, version, hash));
    return {
      ...{ version, hash, nodes, registeredAt: timeOf(registeredAt) },
      registeredHere: this.registered.isRegistered(name, version, hash),
      workers: survey.workers.filter(({ workflows }) => workflows.includes(`${name}@${version}`)).length,
      inFlight: places.reduce((sum, { runs }) => sum + runs, 0),
      stopped: places.reduce((sum, { stopped }) => sum + stopped, 0),
    };
  }
}

function isOf(place: PlaceRuns, name: string, version: number, hash: string): boolean {
  return place.workflow === name && place.version === version && place.planHash === hash;
}

async function allowedOf(viewer: Viewer): Promise<WorkflowView['allowed']> {
  const allowed = await viewer.allowed(null);
  return allowed.filter((action) => action === 'pause' || action === 'unpause');
}
