import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { DashboardRefusal } from './dashboard-refusal.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** What Express and Fastify have in common of a request. */
export interface PlatformRequest {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly url: string;
  /** The path as the client sent it, before a router cut off what it is mounted at. */
  readonly originalUrl?: string;
  /** Fastify's own; Express requests are raw themselves. */
  readonly raw?: IncomingMessage;
  readonly body?: unknown;
  /** What guards left there. */
  readonly user?: unknown;
}

/** Express's response is Node's own. */
type ExpressResponse = ServerResponse;

interface FastifyReply {
  readonly raw: ServerResponse;
  code(status: number): FastifyReply;
  headers(headers: Readonly<Record<string, string>>): FastifyReply;
  send(body: Buffer | string): unknown;
  hijack(): unknown;
}

export type PlatformResponse = ExpressResponse | FastifyReply;

export interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Largest body of an order. Payloads are checked against the module's limit later; this is for applications that parse no
 * bodies themselves, and twice what a payload may have by default.
 */
const LARGEST_BODY = 2 * 1_048_576;

/** One request and its answer, on Express or Fastify. */
export class HttpExchange {
  constructor(
    readonly request: PlatformRequest,
    private readonly response: PlatformResponse,
  ) {}

  get url(): URL {
    return new URL(this.request.originalUrl ?? this.request.url, 'http://unused');
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /**
   * The body as an object, whether the application has parsed it or left it to us.
   *
   * @throws DashboardRefusal when it is no JSON object, or too large.
   */
  async body(): Promise<Readonly<Record<string, unknown>>> {
    const body = this.request.body ?? (await this.readBody());
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
    throw new DashboardRefusal('bad_request', 'The body must be a JSON object.', 'body');
  }

  send({ status = 200, type, body, headers }: Answer): void {
    const all = { ...SECURITY_HEADERS, 'content-type': type, ...headers };
    if (isFastify(this.response)) {
      this.response.code(status).headers(all).send(body);
      return;
    }
    if (this.response.headersSent) return;
    this.response.statusCode = status;
    for (const [name, value] of Object.entries(all)) this.response.setHeader(name, value);
    this.response.end(this.request.method === 'HEAD' ? undefined : body);
  }

  sendJson(value: unknown, status = 200): void {
    this.send({ status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) });
  }

  /** Begins an answer that goes on until somebody ends it. */
  openStream(type: string): ServerResponse {
    const raw = isFastify(this.response) ? this.response.raw : this.response;
    if (isFastify(this.response)) this.response.hijack();
    // `x-accel-buffering`: a reverse proxy that gathers an answer before it passes it on would hold back every event.
    raw.writeHead(200, { ...SECURITY_HEADERS, 'content-type': type, 'x-accel-buffering': 'no' });
    raw.flushHeaders();
    return raw;
  }

  private async readBody(): Promise<unknown> {
    const raw = this.request.raw ?? (this.request as unknown as IncomingMessage);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of raw as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST_BODY) throw new DashboardRefusal('too_large', 'The body is too large.', 'body');
      chunks.push(chunk);
    }
    try {
      return JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch {
      throw new DashboardRefusal('bad_request', 'The body is not JSON.', 'body');
    }
  }
}

function isFastify(response: PlatformResponse): response is FastifyReply {
  return 'hijack' in response && typeof response.hijack === 'function';
}
