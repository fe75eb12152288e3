import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { durationMs } from '../../common/duration.js';
import { CliError } from '../cli.error.js';
import type { CliIo } from '../cli-io.interface.js';

/** A workflow as people write it: `order`, or `order@2` for one version. */
export interface WorkflowArgument {
  readonly name: string;
  readonly version: number | undefined;
}

/** The last `@` with digits behind it begins the version; names may have others. */
export function parseWorkflow(text: string): WorkflowArgument {
  const [, name, version] = /^(.+)@(\d{1,9})$/s.exec(text) ?? [];
  return name === undefined ? { name: text, version: undefined } : { name, version: Number(version) };
}

/**
 * A JSON value from an argument: the text itself, `@file`, or `-` for standard input.
 *
 * @throws CliError when it is no JSON, with what is wrong and how to write a text.
 */
export async function readJson(argument: string | undefined, what: string, io: CliIo): Promise<unknown> {
  if (argument === undefined) return undefined;
  const source = await sourceOf(argument, what, io);
  try {
    return JSON.parse(source) as unknown;
  } catch (error) {
    const reason = (error as Error).message;
    throw CliError.usage(`The ${what} is no JSON: ${reason}. A text is written with its quotes: '"approved"'.`);
  }
}

async function sourceOf(argument: string, what: string, io: CliIo): Promise<string> {
  if (argument === '-') return text(io.stdin);
  if (!argument.startsWith('@')) return argument;
  try {
    return await readFile(path.resolve(io.cwd, argument.slice(1)), 'utf8');
  } catch (error) {
    throw CliError.usage(`The ${what} cannot be read: ${(error as Error).message}.`);
  }
}

/** A whole number within bounds. */
export function parseInteger(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
    throw CliError.usage(`${option} takes a whole number from ${min} to ${max}, not "${text}".`);
  };
}

/** A time: a date, or how long ago (`2h`, `7d`). */
export function parseTime(option: string): (text: string) => Date {
  return (text) => {
    try {
      return new Date(Date.now() - durationMs(text, option));
    } catch {
      return parseDate(option)(text);
    }
  };
}

/** A date in ISO 8601, which `Date` reads in the same way everywhere. */
export function parseDate(option: string): (text: string) => Date {
  return (text) => {
    const date = new Date(text);
    if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(date.getTime())) return date;
    throw CliError.usage(
      `${option} takes a date (2030-01-31, 2030-01-31T10:00:00Z) or a length of time (2h, 7d), not "${text}".`,
    );
  };
}

/** Values of an option that is given several times, or once with commas. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(',').filter((part) => part !== '')];
}

/** `old=new`, several times. */
export function collectPairs(
  value: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const index = value.indexOf('=');
  if (index < 1 || index === value.length - 1) throw CliError.usage(`--map takes former=present, not "${value}".`);
  return { ...before, [value.slice(0, index)]: value.slice(index + 1) };
}
