import type { LoggerService } from '@nestjs/common';
import { redact } from '../errors/redact.js';

/** A shorter one would be found in ordinary words, and protects nothing. */
const SHORTEST_SECRET = 4;

/** Logs text without what looks like credentials, and without the secrets that it was told. */
export class RedactingLogger implements LoggerService {
  private readonly secrets: readonly string[];

  constructor(
    private readonly inner: LoggerService,
    secrets: readonly string[],
  ) {
    // The longest first: one may be part of another.
    this.secrets = secrets.filter(({ length }) => length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
  }

  log(message: unknown, ...more: unknown[]): void {
    this.inner.log(this.clean(message), ...more.map((each) => this.clean(each)));
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.inner.warn(this.clean(message), ...more.map((each) => this.clean(each)));
  }

  error(message: unknown, ...more: unknown[]): void {
    this.inner.error(this.clean(message), ...more.map((each) => this.clean(each)));
  }

  private clean(message: unknown): string {
    return redact(this.secrets.reduce((text, secret) => text.replaceAll(secret, '***'), String(message)));
  }
}
