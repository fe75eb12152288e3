import type { CutPayload } from '../../storage/contract/dashboard-store.contract.js';
import type { Payload } from '../api/dashboard-api.contract.js';

/** A screen or two; the rest is a click away. */
export const PAYLOAD_CUT = 16_384;
/** Together with fifty others on a page: enough to see what it is. */
export const ROW_PAYLOAD_CUT = 2_048;
/** The largest payload that a person is shown: what the module allows by default, several times over. */
export const WHOLE_PAYLOAD = 4 * 1_048_576;

const HIDDEN: Payload = { state: 'hidden' };
const NONE: Payload = { state: 'none' };

/**
 * A payload as text, or nothing of it where the person may not see payloads.
 *
 * @param ref what `api/runs/:id/payload?of=` names it by.
 */
export function toPayload(payload: CutPayload | null, ref: string, visible: boolean): Payload {
  if (!visible) return HIDDEN;
  if (payload === null) return NONE;
  const { text, length } = payload;
  const truncated = text.length < length && [...text].length < length;
  return { state: 'shown', text: truncated ? text : indented(text), truncated, length, ref };
}

/** JSON as people read it; what is none, such as a beginning of it, stays as it is. */
export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A JSON text that was not cut by the database, cut here. */
export function cutText(text: string | null, at: number): CutPayload | null {
  return text === null ? null : { text: text.slice(0, at), length: text.length };
}
