import type { PlanJson } from '../definition/plan-json.js';
import { planToMermaid } from '../definition/plan-mermaid.js';
import type { DescribedPlan } from './plan-report.interface.js';

/** A plan with its drawing, which is made when it is read and is no part of the data. */
export function describedPlan(plan: PlanJson): DescribedPlan {
  return Object.defineProperty({ ...plan }, 'mermaid', { get: () => planToMermaid(plan) }) as DescribedPlan;
}
