import type { CappedCount, ErrorAnswer, Time } from './common.contract.js';
import type { OverviewAnswer, OverviewWindow } from './overview.contract.js';
import type { RunRow } from './runs.contract.js';

/**
 * What a stream watches. One stream a page: `new EventSource('<base>api/events?topic=run&id=…')`.
 *
 * - `topic=overview` with `window`;
 * - `topic=run` with `id`;
 * - `topic=runs` with the same filter parameters as the list, and `ids`: the ids that are on the screen, separated by
 *   commas, at most 100. When the page shows other rows, close it and open another.
 */
export interface LiveQuery {
  readonly topic: 'overview' | 'run' | 'runs';
  readonly id?: string;
  readonly ids?: readonly string[];
  readonly window?: OverviewWindow;
}

/**
 * Server-sent events by name (`source.addEventListener('runs', …)`), `data` being JSON. Coalesced: one event a topic in a
 * second at most, and none while nothing changes. The stream ends when the server stops or the access ends; `EventSource`
 * comes back by itself.
 */
export interface LiveEvents {
  /** At once after connecting. */
  readonly hello: { readonly now: Time };
  /** `topic=overview`. */
  readonly overview: OverviewAnswer;
  /** `topic=run`: something of it changed; fetch it again. `run` is null when it was deleted. */
  readonly run: { readonly now: Time; readonly run: RunRow | null };
  /** `topic=runs`: rows of `ids` that changed, ids that are gone, and whether newer runs match than when it was opened. */
  readonly runs: {
    readonly now: Time;
    readonly changed: readonly RunRow[];
    readonly gone: readonly string[];
    readonly newer: CappedCount;
  };
  /** The watch cannot be kept up now (the database is away, say); it is tried again. */
  readonly trouble: ErrorAnswer['error'];
  /** The server is stopping. */
  readonly bye: { readonly now: Time };
}
