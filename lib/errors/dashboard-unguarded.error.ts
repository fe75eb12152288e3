import { DurableError } from './durable.error.js';

/** A dashboard without guards: whoever reaches the application could read every run. It is not mounted. */
export class DashboardUnguardedError extends DurableError {
  static override readonly code: string = 'DURABLE_DASHBOARD_UNGUARDED';

  constructor() {
    super(
      DashboardUnguardedError.code,
      `The dashboard has no guards, so it is not mounted: everybody who reaches the application could read every run. ` +
        `Name what lets people in: DurableDashboardModule.forRoot({ guards: [AdminGuard] }), where AdminGuard is a class ` +
        `with \`canActivate(context)\`; where it injects something, name its module in \`imports\`.`,
    );
  }
}
