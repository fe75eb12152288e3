/** Every row of the README's table of the predecessor's features names a test that exists. The tests themselves run elsewhere. */
import { existsSync, readFileSync } from 'node:fs';

interface Row {
  readonly title: string;
  readonly file: string;
}

function rows(): Row[] {
  const [, table = ''] = readFileSync('README.md', 'utf8').split('## Coming from `@strav/durable`');
  return [...table.split('\n## ')[0].matchAll(/\[([^\]]+)\]\((test\/[^)]+)\)/g)].map(([, title, file]) => ({
    title,
    file,
  }));
}

it('has a row for every feature of both versions', () => {
  expect(rows().length).toBeGreaterThanOrEqual(24);
});

it.each(rows())('$title stands in $file', ({ title, file }) => {
  expect(existsSync(file)).toBe(true);
  const isFileName = file.endsWith(`/${title}.spec.ts`);
  expect(isFileName || readFileSync(file, 'utf8').includes(title)).toBe(true);
});
