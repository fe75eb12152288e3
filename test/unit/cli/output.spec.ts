/**
 * How the command line shows things: tables, times, colours, JSON, and text that wants to be more than text. The commands
 * themselves are driven by test/integration/cli.
 */
import { EventEmitter } from 'node:events';
import { paintFor } from '../../../lib/cli/output/colors.js';
import { progressBar } from '../../../lib/cli/output/progress.js';
import { cutTo, toJson, visible, visibleLines } from '../../../lib/cli/output/safe-text.js';
import { renderTable, type Column } from '../../../lib/cli/output/table.js';
import { lengthOf, relative, shortTime } from '../../../lib/cli/output/times.js';
import type { CliIo } from '../../../lib/cli/cli-io.interface.js';

const plain = paintFor({ write: (): boolean => true }, {});

describe('text from the database', () => {
  it('cannot move the cursor, begin a line, or turn the direction of writing', () => {
    expect(visible('a\u001b[2Jb\nc\u009bd\u202ee\u2066f\u0000')).toBe(
      'a\\u001b[2Jb\\u000ac\\u009bd\\u202ee\\u2066f\\u0000',
    );
  });

  it('keeps every other character, whatever its script', () => {
    expect(visible('naïve 日本 שלום 🍵 <script>')).toBe('naïve 日本 שלום 🍵 <script>');
  });

  it('keeps its line breaks where it may have several lines', () => {
    expect(visibleLines('a\nb\u001bc')).toBe('a\nb\\u001bc');
  });

  it('is valid JSON, on one line, that means the same', () => {
    const value = { text: 'a\u001b\n\u009b\u202e\u2028b' };
    expect(toJson(value)).toBe('{"text":"a\\u001b\\n\\u009b\\u202e\\u2028b"}');
    expect(JSON.parse(toJson(value))).toEqual(value);
  });

  it('is null where there is nothing', () => {
    expect(toJson(undefined)).toBe('null');
  });

  it('is cut to a width with a sign of it', () => {
    expect(cutTo('abcdef', 4)).toBe('abc…');
    expect(cutTo('abcd', 4)).toBe('abcd');
  });
});

describe('a table', () => {
  interface Row {
    readonly id: string;
    readonly text: string | null;
    readonly count: number;
  }
  const columns: readonly Column<Row>[] = [
    { head: 'ID', value: ({ id }) => id },
    { head: 'TEXT', value: ({ text }) => text, shrinks: true },
    { head: 'N', value: ({ count }) => count, align: 'right' },
  ];
  const rows = [
    { id: 'one', text: 'a rather long text', count: 5 },
    { id: 'two', text: null, count: 1_000 },
  ];

  it('has a row a line, columns under their heads, and nothing at the ends of lines', () => {
    expect(renderTable(columns, rows, { paint: plain, width: undefined }).split('\n')).toEqual([
      'ID   TEXT                   N',
      'one  a rather long text     5',
      'two  -                   1000',
    ]);
  });

  it('gives way in the columns that may shrink, on a narrow terminal', () => {
    const lines = renderTable(columns, rows, { paint: plain, width: 21 }).split('\n');
    expect(lines).toEqual(['ID   TEXT           N', 'one  a rather …     5', 'two  -           1000']);
  });

  it('keeps a hostile cell on its line', () => {
    const hostile = [{ id: 'x', text: 'a\nb\u001b[31m', count: 1 }];
    expect(renderTable(columns, hostile, { paint: plain, width: undefined }).split('\n')).toHaveLength(2);
  });

  it('is empty without rows', () => {
    expect(renderTable(columns, [], { paint: plain, width: undefined })).toBe('');
  });
});

describe('times', () => {
  it.each([
    [0, '0ms'],
    [412.4, '412ms'],
    [3_000, '3s'],
    [125_000, '2m 5s'],
    [7_200_000, '2h'],
    [3 * 86_400_000 + 4 * 3_600_000 + 59_000, '3d 4h'],
    [86_400_000 + 59_000, '1d'],
  ])('%p ms are %s', (ms, text) => {
    expect(lengthOf(ms)).toBe(text);
  });

  it('are said from now on, in both directions', () => {
    const now = new Date('2030-01-01T00:00:10Z');
    expect(relative(new Date('2030-01-01T00:00:05Z'), now)).toBe('5s ago');
    expect(relative(new Date('2030-01-01T00:01:10Z'), now)).toBe('in 1m');
  });

  it('are short, and by UTC', () => {
    expect(shortTime(new Date('2030-01-31T10:00:00.123Z'))).toBe('2030-01-31 10:00:00Z');
  });
});

describe('colours', () => {
  const terminal = { write: (): boolean => true, isTTY: true };

  it('are there on a terminal', () => {
    expect(paintFor(terminal, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  });

  it.each([
    ['on a pipe', { write: (): boolean => true }, {}, true],
    ['with NO_COLOR', terminal, { NO_COLOR: '1' }, true],
    ['on a dumb terminal', terminal, { TERM: 'dumb' }, true],
    ['with --no-color', terminal, {}, false],
  ])('are not there %s', (_, sink, env, wanted) => {
    expect(paintFor(sink, env, wanted)('red', 'x')).toBe('x');
  });
});

describe('a progress bar', () => {
  const written = (isTTY: boolean): string => {
    let text = '';
    const write = (chunk: string): boolean => {
      text += chunk;
      return true;
    };
    const stderr = Object.assign(new EventEmitter(), { write, isTTY, columns: 80 });
    const bar = progressBar({ stderr } as unknown as CliIo, 'purge', 10);
    bar.at(10);
    bar.at(12);
    bar.stop();
    return text;
  };

  it('is drawn on a terminal, and grows with what it counts', () => {
    expect(written(true)).toContain('purge [');
    expect(written(true)).toContain('12/12');
  });

  it('is nowhere else', () => {
    expect(written(false)).toBe('');
  });
});
