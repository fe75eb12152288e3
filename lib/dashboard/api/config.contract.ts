import type { DashboardAction, Time } from './common.contract.js';

/** `theme.css` sets `--durable-accent` and `--durable-accent-dark` where `accent` is given. */
export interface ThemeView {
  /** @default 'nest-durable' */
  readonly title: string;
  /** A path on the same origin, or a `data:image/…` URL; show it with `<img>` only. */
  readonly logo: string | null;
  /** `auto` follows the system. */
  readonly scheme: 'auto' | 'light' | 'dark';
  /** `#rrggbb`, or null for the page's own. */
  readonly accent: string | null;
}

export interface ConfigAnswer {
  readonly now: Time;
  /** Who is looking; goes into the audit trail. */
  readonly user: string | null;
  /** Version of the package. */
  readonly version: string;
  readonly theme: ThemeView;
  /** What the person may do to runs at large. What holds for one run stands with that run. */
  readonly allowed: readonly DashboardAction[];
  /** Names of every workflow that is stored or registered, sorted; for the filter. */
  readonly workflows: readonly { readonly name: string; readonly versions: readonly number[] }[];
  readonly limits: {
    /** Most rows of a page of runs. */
    readonly page: number;
    /** Counts stop here: `10000` is shown as "10,000+". */
    readonly count: number;
    /** Most runs of one POST to `api/bulk`; the answer's `next` continues. */
    readonly bulkBatch: number;
    /** Most runs of one bulk order. */
    readonly bulk: number;
    /** Payloads in answers are cut at this many characters. */
    readonly payload: number;
  };
}
