import { signal } from '@preact/signals';
import type { ConfigAnswer, DashboardAction } from '../../../api/dashboard-api.contract.js';
import { get } from '../api/request.js';
import { setDatabaseTime } from './clock.js';

/** What the server said of itself and of the person; set before anything is drawn that reads it. */
export const config = signal<ConfigAnswer | null>(null);

export async function loadConfig(): Promise<ConfigAnswer> {
  const answer = await get<ConfigAnswer>('config');
  setDatabaseTime(answer.now);
  config.value = answer;
  return answer;
}

/** Whether the person may do this to runs at large. What holds for one run stands with that run. */
export function mayDo(action: DashboardAction): boolean {
  return config.value?.allowed.includes(action) ?? false;
}
