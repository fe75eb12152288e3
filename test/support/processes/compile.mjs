import { transform } from '@swc/core';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CACHE = path.join(ROOT, 'node_modules/.cache/nest-durable');
/**
 * What the processes of the crash tests and of the soak run: the library as it stands, not the last build, and their
 * applications. Folders and single files.
 */
const SOURCES = [
  ...['lib', 'test/support/crash-app', 'test/support/fault-proxy', 'test/soak', 'sample-app/local-postgres.mjs'],
  ...['test/support/interleaving/dice.ts', 'test/support/restartable-postgres.ts'],
  ...['test/support/sweep/app.mjs', 'test/support/every-checkpoint/plans.mjs'],
];
/** Nobody runs code of yesterday; a test that is running now may use the code of a minute ago. */
const KEPT_MS = 60 * 60_000;

/** As in jest.config.mjs, so that spec files and processes run the same code. */
const OPTIONS = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/**
 * Compiles the library and the crash tests' application into a folder named after their contents, once.
 *
 * @returns {Promise<string>} the folder; it has the layout of the repository.
 */
export async function compile() {
  const files = SOURCES.flatMap(sourcesIn).map((file) => ({ file, code: readFileSync(path.join(ROOT, file), 'utf8') }));
  const digest = createHash('sha256')
    .update(JSON.stringify([OPTIONS, files]))
    .digest('hex')
    .slice(0, 16);
  const folder = path.join(CACHE, digest);
  if (existsSync(folder)) return folder;
  const draft = `${folder}-${process.pid}`;
  await Promise.all(files.map(({ file, code }) => compileFile(draft, file, code)));
  writeFileSync(path.join(draft, 'package.json'), '{ "type": "module" }\n');
  removeOld(CACHE);
  return moveIntoPlace(draft, folder);
}

/** Gives a finished folder its name, unless another process was first. @returns {string} the folder. */
export function moveIntoPlace(draft, folder) {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(draft, { recursive: true });
  }
  return folder;
}

function sourcesIn(source) {
  if (/\.m?ts$|\.mjs$/.test(source)) return [source];
  return readdirSync(path.join(ROOT, source), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(source, file))
    .sort();
}

async function compileFile(draft, file, code) {
  const target = path.join(draft, file.replace(/\.ts$/, '.js'));
  if (file.endsWith('.mjs')) {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, code);
    return;
  }
  const compiled = await transform(code, { ...OPTIONS, filename: path.join(ROOT, file), swcrc: false });
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, compiled.code);
}

/** Removes what nobody runs any more. Others compile, move and remove in the same folder meanwhile. */
export function removeOld(cache) {
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await compile());
