import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What tests read: no modules, which are linked, and no results of builds. */
const PARTS = ['lib', 'sample-app', 'test', 'bench', 'package.json', 'tsconfig.json', 'jest.config.mjs'];

/** A scratch copy of the repository, in which one file is changed at a time. */
export class Copy {
  root = mkdtempSync(path.join(tmpdir(), 'nest-durable-mutants-'));

  constructor() {
    for (const part of PARTS) cpSync(part, path.join(this.root, part), { recursive: true });
    symlinkSync(path.resolve('node_modules'), path.join(this.root, 'node_modules'));
  }

  /**
   * Applies edits, and returns what takes them back.
   *
   * @throws Error when a text does not stand exactly once in its file: the catalogue is behind the code.
   */
  mutate(edits) {
    const originals = new Map();
    const restore = () => originals.forEach((text, file) => writeFileSync(file, text));
    for (const { file, from, to } of edits) {
      const target = path.join(this.root, file);
      const text = readFileSync(target, 'utf8');
      const places = text.split(from).length - 1;
      if (places !== 1) {
        restore();
        throw new Error(`${from} stands ${places} times in ${file}: the catalogue of mutants is behind the code`);
      }
      if (!originals.has(target)) originals.set(target, text);
      writeFileSync(
        target,
        text.replace(from, () => to),
      );
    }
    return restore;
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true });
  }
}
