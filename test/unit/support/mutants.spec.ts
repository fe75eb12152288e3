// Covers the catalogue of `npm run mutants`: that it fits the code as it is. That its mutants are noticed is what the script
// itself proves; its table is in docs/reliability-mutants.md.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Mutant {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly from: string | RegExp; readonly to: string }[];
  readonly tests: readonly string[];
}

const { MUTANTS } = (await import(path.resolve('.ci/mutants/catalogue.mjs'))) as { MUTANTS: readonly Mutant[] };

it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s: fits the code', (_, { edits, tests }) => {
  for (const { file, from, to } of edits) {
    const text = readFileSync(file, 'utf8');
    expect([file, String(from), text.split(from).length - 1]).toEqual([file, String(from), 1]);
    expect(text.replace(from, () => to)).not.toBe(text);
  }
  expect(tests.filter((file) => !existsSync(file))).toEqual([]);
});

it('each guard that the promises rest on is taken out', () => {
  const guards = ['fence', 'token', 'unique key', 'park re-check', 'lease check', 'commit tag', 'crash counter'];
  expect(guards.filter((guard) => !MUTANTS.some(({ name }) => name.startsWith(`the ${guard}`)))).toEqual([]);
});

it('the document lists what the catalogue has', () => {
  const document = readFileSync('docs/reliability-mutants.md', 'utf8');
  const listed = document.split('\n').filter((line) => line.includes('**red**'));
  expect(listed.map((line) => line.split('|')[1].trim())).toEqual(MUTANTS.map(({ name }) => name));
});
