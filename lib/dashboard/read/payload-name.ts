import { isRunId } from '../../common/ids.js';
import type { PayloadName } from '../../storage/contract/dashboard-store.contract.js';

/** What `of=` of a URL names; `null` for what names nothing. */
export function payloadNameOf(ref: string): PayloadName | null {
  if (ref === 'input') return { of: 'input' };
  const colon = ref.indexOf(':');
  const of = ref.slice(0, colon);
  const name = ref.slice(colon + 1);
  switch (of) {
    case 'journal':
    case 'progress':
      return name.includes('\0') ? null : { of, key: name };
    case 'signal':
    case 'before':
    case 'after':
      return isRunId(name) ? { of, id: name } : null;
    default:
      return null;
  }
}
