import { DASHBOARD_ACTIONS, type DashboardAction } from '../api/dashboard-api.contract.js';
import { DashboardRefusal } from '../http/dashboard-refusal.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { Authorize, DashboardRun } from '../dashboard.options.js';

/** Who is looking, and what that person may do. Lives as long as a request. */
export class Viewer {
  constructor(
    readonly user: unknown,
    /** For the audit trail. */
    readonly name: string | null,
    private readonly authorize: Authorize,
  ) {}

  /** @param run `null` asks about runs at large. */
  async may(action: DashboardAction, run: StoredRun | null): Promise<boolean> {
    return (await this.authorize(this.user, action, run && toDashboardRun(run))) === true;
  }

  /** @throws DashboardRefusal */
  async demand(action: DashboardAction, run: StoredRun | null): Promise<void> {
    if (await this.may(action, run)) return;
    throw new DashboardRefusal('forbidden', `You may not ${action === 'payload' ? 'see payloads of' : action} this.`);
  }

  /** A run that may not be viewed is one that does not exist. */
  async demandView(run: StoredRun | null | undefined): Promise<StoredRun> {
    if (run && (await this.may('view', run))) return run;
    throw new DashboardRefusal('not_found', 'There is no such run.');
  }

  async allowed(run: StoredRun | null): Promise<readonly DashboardAction[]> {
    const answers = await Promise.all(DASHBOARD_ACTIONS.map((action) => this.may(action, run)));
    return DASHBOARD_ACTIONS.filter((_, index) => answers[index]);
  }

  async visible(runs: readonly StoredRun[]): Promise<readonly StoredRun[]> {
    const answers = await Promise.all(runs.map((run) => this.may('view', run)));
    return runs.filter((_, index) => answers[index]);
  }
}

function toDashboardRun(run: StoredRun): DashboardRun {
  const { id, workflow: workflowName, version, status, queue, idempotencyKey, tags, parentId: parentRunId } = run;
  return { id, workflowName, version, status, queue, idempotencyKey, tags, parentRunId };
}
