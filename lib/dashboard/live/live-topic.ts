import type { RunSearch } from '../../storage/contract/dashboard-store.contract.js';
import type { OverviewWindow } from '../api/dashboard-api.contract.js';
import { bad, fieldsOf, runId, searchOf } from '../http/run-query.js';
import { WINDOWS } from '../read/overview.reader.js';

/** Rows that a page shows. */
const MOST_IDS = 100;

/** What a stream watches. */
export type LiveTopic =
  | { readonly topic: 'overview'; readonly window: OverviewWindow }
  | { readonly topic: 'run'; readonly id: string }
  | { readonly topic: 'runs'; readonly ids: readonly string[]; readonly search: RunSearch };

/** @throws DashboardRefusal */
export function topicOf(query: URLSearchParams): LiveTopic {
  const topic = query.get('topic');
  switch (topic) {
    case 'overview':
      return { topic, window: windowOf(query) };
    case 'run':
      return { topic, id: runId('id', query.get('id')) };
    case 'runs': {
      const ids = (query.get('ids') ?? '').split(',').filter((id) => id !== '');
      if (ids.length > MOST_IDS) throw bad('ids', `at most ${MOST_IDS} ids of runs`);
      return { topic, ids: ids.map((id) => runId('ids', id)), search: searchOf(fieldsOf(query)) };
    }
    default:
      throw bad('topic', 'one of overview, run, runs');
  }
}

/** @throws DashboardRefusal */
export function windowOf(query: URLSearchParams): OverviewWindow {
  const window = query.get('window') || '1h';
  if (Object.hasOwn(WINDOWS, window)) return window as OverviewWindow;
  throw bad('window', `one of ${Object.keys(WINDOWS).join(', ')}`);
}
