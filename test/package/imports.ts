import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export interface Reachable {
  /** Files of the package, from its entry point on. */
  readonly files: ReadonlySet<string>;
  /** Names of the packages that those files import; without `node:` modules. */
  readonly packages: ReadonlySet<string>;
}

/** Follows every import and re-export from `entry`, through compiled files or through their declarations. */
export function reachableFrom(entry: string, extension: '.js' | '.d.ts'): Reachable {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const specifier of specifiers(file)) {
      if (specifier.startsWith('.')) visit(resolve(file, specifier, extension));
      else if (!specifier.startsWith('node:')) packages.add(packageOf(specifier));
    }
  };
  visit(entry);
  return { files, packages };
}

function specifiers(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName);
}

function resolve(from: string, specifier: string, extension: string): string {
  const file = path.resolve(path.dirname(from), specifier.replace(/\.js$/, extension));
  if (!existsSync(file)) throw new Error(`${from} imports ${specifier}, which is not in the package.`);
  return file;
}

/** `@nestjs/common/interfaces` → `@nestjs/common`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
