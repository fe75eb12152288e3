/** Injection token of the `ResolvedDashboardOptions`. */
export const DASHBOARD_OPTIONS = Symbol.for('nest-durable:dashboard-options');

/** What `forRootAsync`'s factory made, before validation. */
export const DASHBOARD_ACCESS_OPTIONS = Symbol.for('nest-durable:dashboard-access-options');

/** Where the dashboard is mounted, without slashes at its ends. */
export const DASHBOARD_PATH = Symbol.for('nest-durable:dashboard-path');
