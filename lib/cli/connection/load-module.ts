import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DynamicModule, Type } from '@nestjs/common';
import { CliError } from '../cli.error.js';

/** What Nest boots: a module's class, or what its `register()` returns. */
export type AppModule = Type | DynamicModule;

const USUAL_NAME = 'AppModule';

/**
 * Loads a module of the application: `dist/app.module.js`, or `dist/app.module.js#ShopModule`. The export is a class, a
 * dynamic module, or a function without parameters that returns one of these or a promise of it.
 *
 * @param app the path, from `cwd`, and the name of the export; without one `AppModule`, else the default, else the only one.
 * @throws CliError when there is no such file or export.
 */
export async function loadModule(app: string, cwd: string): Promise<AppModule> {
  const { file, name } = split(app, cwd);
  if (!existsSync(file)) throw CliError.usage(`--app: there is no file ${file}. Build the application first.`);
  const exported = exportsOf((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  const found = pick(exported, name);
  if (found === undefined) {
    const known = Object.keys(exported).join(', ') || 'nothing';
    const wanted = name === undefined ? `no ${USUAL_NAME}, no default, and more than one name` : `no "${name}"`;
    throw CliError.usage(`--app: ${path.basename(file)} exports ${wanted}. It exports ${known}; say --app path#Name.`);
  }
  const made: unknown = isFactory(found) ? await found() : found;
  if (isModule(made)) return made;
  throw CliError.usage(
    `--app: what ${path.basename(file)} exports is neither a module nor a function that returns one.`,
  );
}

/** A `#` may be part of a folder's name: what is a file as a whole is one. */
function split(app: string, cwd: string): { readonly file: string; readonly name: string | undefined } {
  const whole = path.resolve(cwd, app);
  const at = app.lastIndexOf('#');
  if (at < 0 || existsSync(whole)) return { file: whole, name: undefined };
  return { file: path.resolve(cwd, app.slice(0, at)), name: app.slice(at + 1) || undefined };
}

/** The names of a CommonJS file stand in its default, unless Node could read them from its text. */
function exportsOf(namespace: Record<string, unknown>): Record<string, unknown> {
  const inner = namespace.default;
  const isCommonJs = 'module.exports' in namespace || (typeof inner === 'object' && inner !== null && !isModule(inner));
  const { 'module.exports': _, ...outer } = namespace;
  return isCommonJs ? { ...(inner as object), ...outer } : outer;
}

function pick(exported: Record<string, unknown>, name: string | undefined): unknown {
  if (name !== undefined) return exported[name];
  if (exported[USUAL_NAME] !== undefined) return exported[USUAL_NAME];
  if (exported.default !== undefined && (typeof exported.default === 'function' || isModule(exported.default))) {
    return exported.default;
  }
  const functions = Object.values(exported).filter((value) => typeof value === 'function' || isModule(value));
  return functions.length === 1 ? functions[0] : undefined;
}

/** Classes keep their text, also when a compiler has decorated them. */
function isFactory(value: unknown): value is () => unknown {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}

function isModule(value: unknown): value is AppModule {
  if (typeof value === 'function') return !isFactory(value);
  return typeof value === 'object' && value !== null && 'module' in value && typeof value.module === 'function';
}
