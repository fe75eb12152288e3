import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { firstPacket, message } from './postgres-protocol/messages.mjs';

export type PoolMode = 'session' | 'transaction' | 'statement';

const READY = 'Z';
const IDLE = 'I'.charCodeAt(0);

/**
 * A connection pooler between an application and the server, as PgBouncer is one: clients are let in by the pooler itself,
 * and get a server connection for a session, for a transaction, or for a statement.
 */
export class PoolingProxy {
  private readonly sockets = new Set<Socket>();
  private readonly backends: Backend[] = [];
  private readonly idle: Backend[] = [];
  private readonly waiting: ((backend: Backend) => void)[] = [];

  private constructor(
    private readonly server: Server,
    private readonly target: string,
    private readonly mode: PoolMode,
    private readonly size: number,
  ) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.sockets.delete(socket));
      new PooledClient(socket, this.mode, this);
    });
  }

  /** @param size server connections at most. */
  static async to(target: string, mode: PoolMode, size = 20): Promise<PoolingProxy> {
    const server = createServer();
    const proxy = new PoolingProxy(server, target, mode, size);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** The one that was let go last comes first, as in PgBouncer. */
  async take(): Promise<Backend> {
    const idle = this.idle.pop();
    if (idle) return idle;
    if (this.backends.length >= this.size) return new Promise((resolve) => this.waiting.push(resolve));
    const backend = new Backend(this.target);
    this.backends.push(backend);
    await backend.connected;
    return backend;
  }

  give(backend: Backend): void {
    const next = this.waiting.shift();
    if (next) next(backend);
    else this.idle.push(backend);
  }

  /** A session's own state ends with it, and so does its server connection here. */
  async discard(backend: Backend): Promise<void> {
    const place = this.backends.indexOf(backend);
    if (place >= 0) this.backends.splice(place, 1);
    await backend.end();
  }

  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
    await Promise.all(this.backends.map((backend) => backend.end()));
  }
}

/** A connection to the server, on which messages pass as they are. */
class Backend {
  readonly connected: Promise<void>;
  onMessage: (type: string, message: Buffer) => void = () => undefined;
  private readonly client: Client;
  private readonly frames = new Frames((type, message) => this.onMessage(type, message));

  constructor(url: string) {
    this.client = new Client({ connectionString: url, application_name: 'pooled' });
    this.client.on('error', () => undefined);
    this.connected = this.client.connect().then(() => {
      this.stream.removeAllListeners('data');
      this.stream.on('data', (data: Buffer) => this.frames.push(data));
    });
  }

  send(message: Buffer): void {
    this.stream.write(message);
  }

  async end(): Promise<void> {
    const { stream } = this;
    if (!stream.writableEnded) stream.end(message('X', Buffer.alloc(0)));
    if (!stream.closed) await once(stream, 'close');
  }

  private get stream(): Socket {
    return (this.client as unknown as { connection: { stream: Socket } }).connection.stream;
  }
}

/** One client of the pooler: at the door, then in. */
class PooledClient {
  private readonly frames = new Frames((type, message) => this.hear(type, message));
  private opening = Buffer.alloc(0);
  private isIn = false;
  private backend: Backend | null = null;
  private asked: Buffer[] = [];
  private taking = false;
  private answersDue = 0;

  constructor(
    private readonly socket: Socket,
    private readonly mode: PoolMode,
    private readonly pool: PoolingProxy,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (data) => (this.isIn ? this.frames.push(data) : this.knock(data)));
    socket.on('close', () => this.leave());
  }

  private knock(data: Buffer): void {
    this.opening = Buffer.concat([this.opening, data]);
    const first = firstPacket(this.opening);
    if (first === null) return;
    const rest = this.opening.subarray(first.packet.length);
    this.opening = Buffer.alloc(0);
    if (first.kind === 'cancel') return void this.socket.end();
    if (first.kind === 'encryption') {
      this.socket.write('N');
      if (rest.length > 0) this.knock(rest);
      return;
    }
    this.isIn = true;
    const key = Buffer.alloc(8);
    key.writeInt32BE(randomInt(1, 2 ** 31 - 1), 0);
    this.socket.write(
      Buffer.concat([
        message('R', Buffer.alloc(4)),
        ...['client_encoding\0UTF8\0', 'server_version\x0015.0\0'].map((text) => message('S', Buffer.from(text))),
        message('K', key),
        message('Z', Buffer.from('I')),
      ]),
    );
    if (rest.length > 0) this.frames.push(rest);
  }

  private hear(type: string, sent: Buffer): void {
    if (type === 'X') return void this.socket.end();
    if (this.mode === 'statement' && type === 'Q' && /^begin/i.test(sent.subarray(5).toString())) {
      const fields = 'SFATAL\0VFATAL\0C08P01\0Mtransaction blocks not allowed in statement pooling mode\0\0';
      return void this.socket.end(message('E', Buffer.from(fields)));
    }
    if (type === 'Q' || type === 'S') this.answersDue += 1;
    if (this.backend) return this.backend.send(sent);
    this.asked.push(sent);
    if (!this.taking) void this.takeBackend();
  }

  private async takeBackend(): Promise<void> {
    this.taking = true;
    const backend = await this.pool.take();
    this.taking = false;
    if (this.socket.destroyed) return this.pool.give(backend);
    this.backend = backend;
    backend.onMessage = (type, answer) => this.answer(type, answer);
    for (const sent of this.asked.splice(0)) backend.send(sent);
  }

  private answer(type: string, answer: Buffer): void {
    this.socket.write(answer);
    if (type !== READY) return;
    this.answersDue -= 1;
    if (this.mode !== 'session' && this.answersDue === 0 && answer[5] === IDLE) this.letGo();
  }

  private letGo(): void {
    const backend = this.backend!;
    this.backend = null;
    backend.onMessage = () => undefined;
    this.pool.give(backend);
  }

  private leave(): void {
    if (!this.backend) return;
    const backend = this.backend;
    this.backend = null;
    backend.onMessage = () => undefined;
    void this.pool.discard(backend);
  }
}

/** Cuts a stream of the protocol into its messages. */
class Frames {
  private rest = Buffer.alloc(0);

  constructor(private readonly onFrame: (type: string, frame: Buffer) => void) {}

  push(data: Buffer): void {
    this.rest = Buffer.concat([this.rest, data]);
    while (this.rest.length >= 5 && this.rest.length > this.rest.readInt32BE(1)) {
      const length = this.rest.readInt32BE(1) + 1;
      const frame = this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      this.onFrame(String.fromCharCode(frame[0]), frame);
    }
  }
}
