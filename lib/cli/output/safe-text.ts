/**
 * Characters that make a terminal do something, or that make text look like other text: C0 and C1 controls, line and
 * paragraph separators, and those that turn the direction of writing.
 */
const HOSTILE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text from the database, on one line and harmless for a terminal. */
export function visible(text: string): string {
  return text.replace(HOSTILE, escaped);
}

/** Like {@link visible}, for text of several lines: the line breaks stay. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** JSON on one line that a terminal shows as it is: what `JSON.stringify` leaves unescaped is escaped too. */
export function toJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(HOSTILE, escaped);
}

/** Shortens a text to a width, and says so. */
export function cutTo(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
