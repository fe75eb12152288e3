/** A piece of text that may be shown as it is, or the name of a character that may not. */
export interface TextPiece {
  readonly text: string;
  readonly control: boolean;
}

/**
 * Characters that change how their neighbours are shown, or show nothing at all: controls, overrides of the writing
 * direction, and invisible ones. Tab and line feed are text.
 */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/;
const HIDDEN_EACH = new RegExp(HIDDEN.source, 'g');

/** Splits text so that every hidden character stands by itself, by its code point: `U+202E`. */
export function visiblePieces(text: string): TextPiece[] {
  if (!HIDDEN.test(text)) return [{ text, control: false }];
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN_EACH)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), control: false });
    pieces.push({ text: codePoint(match[0]), control: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), control: false });
  return pieces;
}

/** The same as one text, for what takes nothing else: tooltips, options, names for screen readers. */
export function visibleText(text: string): string {
  return visiblePieces(text)
    .map((piece) => piece.text)
    .join('');
}

function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** `12,345`: the same for every reader, so that numbers can be compared. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1.2k`, `34k`, `1.2M` where space is short. */
export function formatShort(count: number): string {
  if (count < 1000) return String(Math.round(count));
  const [size, unit] = count < 999_500 ? [count / 1000, 'k'] : [count / 1_000_000, 'M'];
  return `${size < 10 ? (Math.floor(size * 10) / 10).toString() : Math.round(size)}${unit}`;
}

/** `1 run`, `2 runs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `compensation_failed` as people read it. */
export function words(name: string): string {
  return name.replace(/_/g, ' ');
}

/** The end of an id, which is what differs. */
export function shortId(id: string): string {
  return id.length > 13 ? `${id.slice(0, 4)}…${id.slice(-6)}` : id;
}
