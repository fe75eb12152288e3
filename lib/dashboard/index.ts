export { DurableDashboardModule } from './dashboard.module.js';
export type {
  Authorize,
  DashboardAccessOptions,
  DashboardAuditEntry,
  DashboardMountOptions,
  DashboardRun,
  DashboardTheme,
  DurableDashboardAsyncOptions,
  DurableDashboardOptions,
} from './dashboard.options.js';
export { DASHBOARD_ACTIONS, type DashboardAction, type RunAction } from './api/dashboard-api.contract.js';
export { DashboardUnguardedError } from '../errors/index.js';
export { startDashboard, type StartDashboardOptions, type StartedDashboard } from './standalone/start-dashboard.js';
