import { MAX_NAME_LENGTH } from '../../common/names.js';

/** Fields that people are known by, the one that says most to a reader first. */
const FIELDS = ['email', 'username', 'preferred_username', 'name', 'sub', 'id'] as const;
/** Control characters, and halves of surrogate pairs, which no name in the audit trail may hold. */
const UNSTORABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/gu;

/** What a user is called in the audit trail, from what guards usually leave in `request.user`; `null` when nothing says it. */
export function userName(user: unknown): string | null {
  const text = typeof user === 'string' ? user : fieldOf(user);
  const name = text
    ?.replace(UNSTORABLE, ' ')
    .trim()
    .slice(0, MAX_NAME_LENGTH)
    .trimEnd()
    .replace(/\p{Surrogate}$/u, '');
  return name ? name : null;
}

function fieldOf(user: unknown): string | undefined {
  if (typeof user !== 'object' || user === null) return undefined;
  for (const field of FIELDS) {
    const value = (user as Readonly<Record<string, unknown>>)[field];
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}
