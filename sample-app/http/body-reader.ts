import { BadRequestException } from '@nestjs/common';

/** Names that are safe in a path, a header and a log line. */
export const SAFE_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** A line or two of somebody's own words. */
export const FREE_TEXT = /^[^\p{C}]{1,500}$/u;

/** Reads a request's body field by field, and answers 400 with everything that is wrong at once. */
export class BodyReader {
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly problems: string[] = [];

  constructor(body: unknown) {
    this.fields = isObject(body) ? body : {};
  }

  /** The field as it came. */
  raw(name: string): unknown {
    return this.fields[name];
  }

  text(name: string, pattern: RegExp): string {
    const value = this.fields[name];
    if (typeof value === 'string' && pattern.test(value)) return value;
    this.reject(`${name} must be a string that matches ${pattern.source}`);
    return '';
  }

  optionalText(name: string, pattern: RegExp): string | undefined {
    return this.fields[name] === undefined ? undefined : this.text(name, pattern);
  }

  choice<T extends string>(name: string, known: readonly T[], fallback?: T): T {
    const value = this.fields[name] ?? fallback;
    const found = known.find((candidate) => candidate === value);
    if (found === undefined) this.reject(`${name} must be one of ${known.join(', ')}`);
    return found ?? known[0];
  }

  flag(name: string): boolean {
    const value = this.fields[name];
    if (typeof value !== 'boolean') this.reject(`${name} must be true or false`);
    return value === true;
  }

  reject(problem: string): void {
    this.problems.push(problem);
  }

  /** @throws BadRequestException with every problem that was found on the way to `value`. */
  finish<T>(value: T): T {
    if (this.problems.length > 0) throw new BadRequestException(this.problems);
    return value;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
