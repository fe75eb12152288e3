/** Covers: what the compiling of test processes leaves in its folder. What it compiles is what all crash tests run. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeOld } from '../../support/processes/compile.mjs';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(path.join(tmpdir(), 'compiled-'));
});

afterEach(() => rmSync(cache, { recursive: true }));

it('goes after an hour, and not before', () => {
  mkdirSync(path.join(cache, 'of-now'));
  mkdirSync(path.join(cache, 'of-yesterday'));
  utimesSync(path.join(cache, 'of-yesterday'), new Date(0), new Date(0));

  removeOld(cache);

  expect(readdirSync(cache)).toEqual(['of-now']);
});

it('may have been taken away by another process in between', () => {
  // As a name that was read and is not there any more.
  symlinkSync(path.join(cache, 'moved'), path.join(cache, 'a-draft'));
  mkdirSync(path.join(cache, 'of-yesterday'));
  utimesSync(path.join(cache, 'of-yesterday'), new Date(0), new Date(0));

  removeOld(cache);

  expect(readdirSync(cache)).not.toContain('of-yesterday');
});
