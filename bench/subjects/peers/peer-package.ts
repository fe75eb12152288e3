import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder that the peers are installed in, wherever this file was compiled to. */
const HOME = peersHome(path.dirname(fileURLToPath(import.meta.url)));

/** Whether `npm run bench:peers` has installed it. */
export function isInstalled(name: string): boolean {
  return existsSync(path.join(HOME, 'node_modules', name, 'package.json'));
}

/** @returns '' where it is not installed. */
export function installedVersion(name: string): string {
  if (!isInstalled(name)) return '';
  const { version } = createRequire(path.join(HOME, 'package.json'))(
    path.join(HOME, 'node_modules', name, 'package.json'),
  ) as { version: string };
  return version;
}

/** Types are the caller's: the peers are not there when this is compiled. A CommonJS package is its `default`. */
export async function importPeer<T>(name: string): Promise<T> {
  const file = createRequire(path.join(HOME, 'package.json')).resolve(name);
  return (await import(pathToFileURL(file).href)) as T;
}

function peersHome(from: string): string {
  const home = path.join(from, 'bench');
  if (existsSync(path.join(home, 'package.json'))) return home;
  const parent = path.dirname(from);
  if (parent === from)
    throw new Error('bench/package.json is not above this file: run the bench inside its repository');
  return peersHome(parent);
}
