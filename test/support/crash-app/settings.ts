import type { DurableModuleOptions } from '../../../lib/index.js';
import type { CodeState } from './deploy-workflows.js';

/** How a process of the crash tests is set up; handed over in the environment. */
export interface CrashAppSettings {
  readonly url: string;
  /** Address for the ledgers' own connections. @default `url` */
  readonly ledgerUrl?: string;
  /** Options of the module that survive JSON. */
  readonly durable: Pick<DurableModuleOptions, 'worker' | 'maxAttempts' | 'migrate' | 'queue'>;
  /** Connections of the application's pool. @default 5 */
  readonly poolSize?: number;
  /** What happens to its writes, as `NEST_DURABLE_FAILPOINTS` says it. @default nothing */
  readonly failpoints?: string;
  /** Executes the workflows of the deploy tests, in this state, instead of the others. @default the others */
  readonly code?: CodeState;
}

export const SETTINGS_VARIABLE = 'CRASH_APP_SETTINGS';
/** What the application's own connections are called in `pg_stat_activity`. */
export const APPLICATION_POOL = 'crash-app';
export const LEDGER_POOL = 'crash-app-ledger';
