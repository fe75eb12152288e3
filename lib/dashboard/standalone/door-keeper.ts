import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { InvalidOptionError } from '../../errors/index.js';

/** A working day; then the process is started again. */
const SESSION_MS = 12 * 3_600_000;
/** Shorter ones can be guessed by somebody who may try as often as he likes. */
const SHORTEST_TOKEN = 16;
const COOKIE = 'nest_durable_session';

/**
 * Who gets into a dashboard that is a process of its own: whoever brings the token. One that was made for the start lets one
 * browser in, once; one that was given lets in whoever knows it. Sessions live in this process's memory.
 */
export class DoorKeeper {
  private readonly sessions = new Map<string, number>();
  private readonly oneTime: boolean;
  private token: Buffer | null;
  private readonly made: string | null;
  private hosts: ReadonlySet<string> | null = null;

  /** @throws InvalidOptionError for a token that is too short. */
  constructor(
    token: string | undefined,
    readonly user: string,
  ) {
    if (token !== undefined && (typeof token !== 'string' || token.length < SHORTEST_TOKEN)) {
      throw new InvalidOptionError('token', token, `a text of at least ${SHORTEST_TOKEN} characters`, {
        shown: 'another',
      });
    }
    this.oneTime = token === undefined;
    this.made = token === undefined ? randomBytes(24).toString('base64url') : null;
    this.token = digest(token ?? this.made!);
  }

  /** A link with the token in it is only made of one that counts once. */
  get loginPath(): string {
    return this.made === null ? '/login' : `/login?token=${this.made}`;
  }

  /** On the loopback interface only these names reach it: another one is a site that points its own name here. */
  guardHosts(host: string, port: number): void {
    const loopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
    if (loopback) this.hosts = new Set(['127.0.0.1', 'localhost', '[::1]', host].map((name) => `${name}:${port}`));
  }

  knowsHost(host: string | undefined): boolean {
    return this.hosts === null || (host !== undefined && this.hosts.has(host));
  }

  /** @returns the cookie of a new session, or `null` for a wrong token. */
  letIn(token: unknown): string | null {
    if (this.token === null || typeof token !== 'string' || !timingSafeEqual(digest(token), this.token)) return null;
    if (this.oneTime) this.token = null;
    const session = randomBytes(24).toString('base64url');
    this.sessions.set(session, Date.now() + SESSION_MS);
    return `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1000}`;
  }

  knows(cookies: string | undefined): boolean {
    const found = (cookies ?? '')
      .split(';')
      .map((cookie) => cookie.trim().split('='))
      .find(([name]) => name === COOKIE);
    const until = found && this.sessions.get(found[1]);
    return until !== undefined && until > Date.now();
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
