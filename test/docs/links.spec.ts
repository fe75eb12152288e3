/** Every relative link of every document leads to a file, and to a heading where it names one. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { anchors, documents, prose } from './markdown.js';

const links = documents().flatMap((file) =>
  [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => ({ file, target }))
    .filter(({ target }) => !/^(https?:|mailto:)/.test(target)),
);

describe('the links of the documents', () => {
  it.each(links)('$file leads to $target', ({ file, target }) => {
    const [relative = '', anchor] = target.split('#');
    const found = relative === '' ? file : path.posix.join(path.posix.dirname(file), relative);
    expect(existsSync(found) ? found : `${found} does not exist`).toBe(found);
    if (anchor !== undefined && statSync(found).isFile()) expect(anchors(found)).toContain(anchor);
  });
});
