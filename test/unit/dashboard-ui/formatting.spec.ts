/** How the dashboard writes times, numbers and other people's text. */
import {
  formatCount,
  formatShort,
  plural,
  shortId,
  visiblePieces,
  visibleText,
  words,
} from '../../../lib/dashboard/ui/src/components/format-text.js';
import { formatDuration, formatRelative } from '../../../lib/dashboard/ui/src/components/format-time.js';
import { jsonTokens } from '../../../lib/dashboard/ui/src/components/json-tokens.js';

describe('durations', () => {
  it.each([
    [-5, '0ms'],
    [0, '0ms'],
    [999, '999ms'],
    [1000, '1s'],
    [1240, '1.2s'],
    [9999, '9.9s'],
    [12_400, '12s'],
    [60_000, '1m'],
    [3_605_000, '1h'],
    [3_665_000, '1h 1m'],
    [90_000_000, '1d 1h'],
    [86_460_000, '1d'],
    [604_800_000, '7d'],
  ])('of %d ms read %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [0, 'just now'],
    [-999, 'just now'],
    [-4300, '4s ago'],
    [4300, 'in 4s'],
    [-7_200_000, '2h ago'],
    [259_200_000, 'in 3d'],
  ])('from now (%d ms) read %s', (distance, text) => {
    expect(formatRelative(1_000_000_000_000 + distance, 1_000_000_000_000)).toBe(text);
  });
});

describe('numbers', () => {
  it('are grouped the same way for every reader', () => {
    expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([999, 1000, 1290, 34_000, 999_499, 1_200_000].map(formatShort)).toEqual([
      ...['999', '1k', '1.2k', '34k', '999k', '1.2M'],
    ]);
    expect([plural(1, 'run'), plural(1200, 'run'), plural(2, 'run is', 'runs are')]).toEqual([
      ...['1 run', '1,200 runs', '2 runs are'],
    ]);
  });

  it('and names are short where space is', () => {
    expect([words('compensation_failed'), shortId('0199f3a2-7c1e-7d2a-9b1c-000000000001'), shortId('short')]).toEqual([
      ...['compensation failed', '0199…000001', 'short'],
    ]);
  });
});

describe('other people’s text', () => {
  it('is left alone when all of it can be seen', () => {
    const text = 'a\tb\nc – ünïcödé 漢字 عربي 🎉 </script>';
    expect(visiblePieces(text)).toEqual([{ text, control: false }]);
  });

  it.each([
    ['a right-to-left override', '\u202E', 'U+202E'],
    ['an isolate', '\u2066', 'U+2066'],
    ['an Arabic letter mark', '\u061C', 'U+061C'],
    ['a zero-width space', '\u200B', 'U+200B'],
    ['a byte order mark', '\uFEFF', 'U+FEFF'],
    ['a NUL', '\u0000', 'U+0000'],
    ['an escape', '\u001B', 'U+001B'],
    ['a line separator', '\u2028', 'U+2028'],
  ])('shows %s by its code point', (_, character, name) => {
    expect(visiblePieces(`exe${character}gpj`)).toEqual([
      { text: 'exe', control: false },
      { text: name, control: true },
      { text: 'gpj', control: false },
    ]);
    expect(visibleText(`exe${character}gpj`)).toBe(`exe${name}gpj`);
  });
});

describe('JSON text', () => {
  it('is split into what is coloured alike', () => {
    const tokens = jsonTokens('{ "a\\"b": ["x", -1.5e3, true, null] }');
    expect(tokens.filter(({ kind }) => kind !== 'plain')).toEqual([
      { kind: 'key', text: '"a\\"b"' },
      { kind: 'string', text: '"x"' },
      { kind: 'number', text: '-1.5e3' },
      { kind: 'literal', text: 'true' },
      { kind: 'literal', text: 'null' },
    ]);
  });

  it.each([
    '{ "cut": "in the mid',
    '"ends with a backslash \\',
    'no JSON </script> at all',
    '',
    `"${'x\\"'.repeat(400_000)}"`,
  ])('loses nothing, wherever it is cut off', (text) => {
    expect(
      jsonTokens(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text);
  });
});
