/** A value of an array whose text needs no quotes: an id, a number, a boolean, a time, a name of our own. */
type Plain = string | number | boolean | null;

const TO_ESCAPE = /["\\]/;
const ALL_TO_ESCAPE = /["\\]/g;

/**
 * The text form of a PostgreSQL array of plain values.
 *
 * The driver builds the same text value by value; joined at once it takes a fraction of the time and memory, which at
 * thousands of steps a second was a tenth of what a step cost.
 *
 * @param values none of them may hold a comma, brace, quote, backslash or blank: ids, numbers, booleans, times without
 *   blanks and words of our own.
 */
export function plainArray(values: readonly Plain[]): string {
  const parts = new Array<Plain>(values.length);
  for (let index = 0; index < values.length; index++) parts[index] = values[index] ?? 'NULL';
  return `{${parts.join(',')}}`;
}

/** The text form of a PostgreSQL array of any texts: names, keys, JSON. */
export function textArray(values: readonly (string | null)[]): string {
  const parts = new Array<string>(values.length);
  for (let index = 0; index < values.length; index++) parts[index] = quoted(values[index]);
  return `{${parts.join(',')}}`;
}

/** Neither JSON text nor a name can hold it. */
const SEPARATOR = '\x1f';

/**
 * The text that {@link separatedArray} takes apart: JSON and names as they are, where the text of an array has a backslash for
 * each quote, which are most of what is in JSON.
 *
 * @param values none of them empty.
 */
export function separatedTexts(values: readonly string[]): string {
  return values.join(SEPARATOR);
}

/** SQL of the array that a text of {@link separatedTexts} stands for. */
export function separatedArray(text: string): string {
  return `string_to_array(${text}, E'\\x1f')`;
}

function quoted(value: string | null): string {
  if (value === null) return 'NULL';
  return `"${TO_ESCAPE.test(value) ? value.replace(ALL_TO_ESCAPE, '\\$&') : value}"`;
}
