import type { Awaitable } from '../../common/awaitable.js';
import { comparePlans, describeDifferences, unknownPlan } from '../../definition/compare-plans.js';
import { planFromText, planToJson, type PlanJson } from '../../definition/plan-json.js';
import { footprintOfJournal } from '../../definition/run-footprint.js';
import { LeaseLostError, PlanChangedError, type PlanDifference } from '../../errors/index.js';
import type { PlanStore } from '../../storage/contract/plan-store.contract.js';
import type { StoredError } from '../../storage/contract/records.js';
import type { RunSession } from './run-session.js';
import type { SessionWriter } from './session-writer.js';
import { stop } from './transition.js';

export interface PlanAdmissionParts {
  readonly store: PlanStore;
  readonly writer: SessionWriter;
  readonly workerId: () => string;
  /** The plan of a run changed under it, so it stands still. */
  readonly onStopped: (error: PlanChangedError) => void;
}

/**
 * Lets a claimed run in when the plan that this process registers can carry it, before anything of it is executed.
 *
 * A run that goes on by another plan than before is tied to that plan first, so that the next change is measured by what
 * the run has really been executed by. One that cannot go on is stopped: parked, with the difference as its error and no
 * due time, until a worker that registers another plan makes it due again.
 */
export class PlanAdmission {
  private readonly former = new Map<string, PlanJson>();
  private readonly present = new Map<string, PlanJson>();

  constructor(private readonly parts: PlanAdmissionParts) {}

  /** False when the run was stopped or lost. */
  admit(session: RunSession): Awaitable<boolean> {
    return isAsPlanned(session) || this.compare(session);
  }

  private async compare(session: RunSession): Promise<boolean> {
    for (;;) {
      if (isAsPlanned(session)) return true;
      if (session.cancel?.compensate === false) {
        // It only ends: nothing of its plan is executed any more, so no plan is needed.
        session.error = errorBefore(session.error);
        return true;
      }
      const differences = await this.differences(session);
      if (differences.length === 0) return this.adopt(session);
      const { id, workflow } = session;
      const error = new PlanChangedError(id, workflow.name, workflow.version, describeDifferences(differences));
      const stopped = storedForm(error, workflow.hash, differences, errorBefore(session.error));
      if (!(await this.parts.writer.commit(session, stop(session, stopped)))) {
        if (!session.lost) this.parts.onStopped(error);
        return false;
      }
      // Refused, because something came in: if it is a cancel that undoes nothing, the run can end after all.
    }
  }

  private async differences(session: RunSession): Promise<readonly PlanDifference[]> {
    const former = await this.formerPlan(session);
    if (!former) return [unknownPlan(session.planHash)];
    return comparePlans(former, this.presentPlan(session), {
      cursor: session.cursor,
      begun: session.begun,
      footprint: footprintOfJournal(session.journal()),
    });
  }

  private async adopt(session: RunSession): Promise<boolean> {
    const error = errorBefore(session.error);
    const { id: runId, epoch, workflow } = session;
    if (await this.parts.store.adopt({ runId, epoch, planHash: workflow.hash, error })) {
      session.planHash = workflow.hash;
      session.error = error;
      return true;
    }
    session.lose(new LeaseLostError(runId, this.parts.workerId()));
    return false;
  }

  /** `null` when it is not stored, or in a format of a later release. */
  private async formerPlan({ planHash, workflow: { name, version } }: RunSession): Promise<PlanJson | null> {
    const key = `${name}@${version}#${planHash}`;
    const known = this.former.get(key);
    if (known) return known;
    const stored = await this.parts.store.definition(name, version, planHash);
    const plan = stored && planFromText(stored.plan);
    if (plan) this.former.set(key, plan);
    return plan;
  }

  private presentPlan({ workflow }: RunSession): PlanJson {
    const plan = this.present.get(workflow.hash) ?? planToJson(workflow);
    this.present.set(workflow.hash, plan);
    return plan;
  }
}

function isAsPlanned({ planHash, workflow, error }: RunSession): boolean {
  return planHash === workflow.hash && !isStopped(error);
}

function isStopped(error: StoredError | null): boolean {
  return error?.code === PlanChangedError.code;
}

/** What a run has failed with already when its plan changed under its compensation. */
function errorBefore(error: StoredError | null): StoredError | null {
  return isStopped(error) ? (error!.cause ?? null) : error;
}

/** `registered` says which plan stopped the run: a worker with the same one leaves it alone. */
function storedForm(
  { name, message, code }: PlanChangedError,
  registered: string,
  differences: readonly PlanDifference[],
  cause: StoredError | null,
): StoredError {
  const data = { registered, differences: differences.map((difference) => ({ ...difference })) };
  return { name, message, code, data, ...(cause ? { cause } : {}) };
}
