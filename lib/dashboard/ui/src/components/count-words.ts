import type { CappedCount } from '../../../api/dashboard-api.contract.js';
import { formatCount } from './format-text.js';

/** `1,234`, `10,000+` where counting stopped, `~120,000` where it is an estimate. */
export function countWords({ count, capped }: CappedCount, estimated = false): string {
  if (estimated) return `~${formatCount(count)}`;
  return capped ? `${formatCount(count)}+` : formatCount(count);
}
