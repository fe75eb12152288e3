/**
 * What the dashboard's page and its server say to each other. Types and a few constants; both sides import it, and it
 * imports nothing that exists at run time.
 *
 * **Where.** Everything is below the mount path, `/durable` by default. The page reads it, with the theme, from
 * `<meta name="durable-base" content="/durable/">` (always with a slash at its end), which the server puts in place of
 * `<!--durable:head-->` of the built `index.html`. Vite builds with `base: './'`; the server turns `./assets/…` of
 * `index.html` into `<base>assets/…`. Every other GET below the mount that is no asset and no `api/` answers `index.html`,
 * so the page may route by path.
 *
 * | path below the mount | method | body → answer |
 * |---|---|---|
 * | `api/config` | GET | → {@link ConfigAnswer} |
 * | `api/overview?window=` | GET | → {@link OverviewAnswer} |
 * | `api/runs?…` | GET | {@link RunQuery} → {@link RunsAnswer} |
 * | `api/runs/counts?…` | GET | {@link RunQuery} → {@link RunCountsAnswer} |
 * | `api/runs/:id` | GET | → {@link RunAnswer} |
 * | `api/runs/:id/journal?after=` | GET | → {@link JournalAnswer} |
 * | `api/runs/:id/payload?of=` | GET | → {@link PayloadAnswer} |
 * | `api/runs/:id/preview/:action` | POST | {@link ActionBody} → {@link PreviewAnswer} |
 * | `api/runs/:id/actions/:action` | POST | {@link ActionBody} → {@link ActionAnswer} |
 * | `api/bulk/preview` | POST | {@link BulkPreviewBody} → {@link BulkPreviewAnswer} |
 * | `api/bulk` | POST | {@link BulkBody} → {@link BulkAnswer} |
 * | `api/workflows` | GET | → {@link WorkflowsAnswer} |
 * | `api/workflows/:name/:version?hash=` | GET | → {@link WorkflowAnswer} |
 * | `api/workflows/:name/difference?from=&to=` | GET | {@link DifferenceQuery} → {@link DifferenceAnswer} |
 * | `api/workflows/:name/preview/:action` | POST | {@link WorkflowActionBody} → {@link PreviewAnswer} |
 * | `api/workflows/:name/actions/:action` | POST | {@link WorkflowActionBody} → {@link WorkflowActionAnswer} |
 * | `api/workers` | GET | → {@link WorkersAnswer} |
 * | `api/definitions` | GET | → {@link DefinitionsAnswer} |
 * | `api/operations?before=` | GET | → {@link OperationsAnswer} |
 * | `api/events?…` | GET | {@link LiveQuery} → server-sent events, see {@link LiveEvents} |
 * | `assets/*` | GET | hashed files of the build, with an ETag |
 * | `theme.css` | GET | the theme as CSS custom properties on `:root`, see {@link ThemeView} |
 *
 * **Requests that change something** are POST with `content-type: application/json` and come from the page's own origin
 * (`fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, credentials: 'same-origin' })`).
 *
 * **Errors** have a status of 400 and above and an {@link ErrorAnswer}, also those of guards.
 *
 * **Times** are ISO 8601 texts in UTC by the database's clock; durations are milliseconds. `now` of an answer is the
 * database's time when it was made: show ages against it, not against the browser's clock.
 *
 * **Payloads** (inputs, results, signals, progress, recorded results) are absent without the permission `payload`; see {@link Payload}.
 */
export { DASHBOARD_ACTIONS } from './common.contract.js';
export type {
  CappedCount,
  DashboardAction,
  DashboardErrorCode,
  ErrorAnswer,
  ErrorView,
  RunAction,
  Time,
  Wire,
} from './common.contract.js';
export type { ConfigAnswer, ThemeView } from './config.contract.js';
export type { OverviewAnswer, OverviewBucket, OverviewWindow, WaitingReason } from './overview.contract.js';
export type { RunCountsAnswer, RunFilterBody, RunQuery, RunRow, RunsAnswer } from './runs.contract.js';
export type {
  ActionView,
  JournalAnswer,
  JournalRow,
  NodeState,
  NodeView,
  OperationView,
  Payload,
  PayloadAnswer,
  RunAnswer,
  SignalView,
  TimelineSpan,
} from './run.contract.js';
export type {
  ActionAnswer,
  ActionBody,
  BulkAction,
  BulkAnswer,
  BulkBody,
  BulkPreviewAnswer,
  BulkPreviewBody,
  PreviewAnswer,
} from './actions.contract.js';
export type {
  DefinitionsAnswer,
  DifferenceAnswer,
  DifferenceQuery,
  OperationsAnswer,
  PlanView,
  WorkerView,
  WorkersAnswer,
  WorkflowActionAnswer,
  WorkflowActionBody,
  WorkflowAnswer,
  WorkflowView,
  WorkflowsAnswer,
} from './plans.contract.js';
export type { LiveEvents, LiveQuery } from './live.contract.js';
