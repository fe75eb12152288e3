import type { Socket } from 'node:net';
import type { Cut } from './cut.js';

/** ReadyForQuery: the server has done all that it was asked for. Whether a transaction is open does not matter here. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);

/** The name of a client in its startup packet, or in the first statement of a part of the engine. */
const NAMED = /application_name\0([^\0]+)|(nest-durable:[\w-]+)/;
/** The name of a part of the engine in the statement by which it takes a connection that another one had. */
const TAKEN = /(?:set_config\('application_name', ')(nest-durable:[\w-]+)/;

/** What the server says before it ends a connection: ErrorResponse, FATAL, 57P01. */
const FAREWELL = farewell('SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command');

export interface ConnectionRules {
  /** Milliseconds that everything is delayed by. */
  readonly latencyMs: () => number;
  /** The client has said who it is. */
  readonly named: () => void;
  /** The cut that waits for what was sent. */
  readonly cutFor: (sent: Buffer) => Cut | null;
  readonly ended: () => void;
}

/**
 * One connection on its way through the proxy.
 *
 * States: open → holding (nothing passes, nothing is lost) → open …, or half-open (the server's side has ended, what the
 * client sends is dropped) → ended.
 */
export class ProxiedConnection {
  /** `application_name` of the client; empty until it has said so. */
  application = '';
  private state: 'open' | 'holding' | 'half-open' | 'ended' = 'open';
  private held: (() => void)[] = [];
  private readonly delayed: { readonly at: number; readonly forward: () => void }[] = [];
  private introduced = false;
  private cut: Cut | null = null;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly rules: ConnectionRules,
  ) {
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
    }
    client.on('close', () => this.end());
    server.on('close', () => {
      if (this.state === 'holding') this.held.push(() => this.end());
      else if (this.state !== 'half-open') this.end();
    });
    client.on('data', (sent) => this.hearClient(sent));
    server.on('data', (answer) => this.hearServer(answer));
  }

  hold(): void {
    if (this.state === 'open') this.state = 'holding';
  }

  release(): void {
    if (this.state !== 'holding') return;
    this.state = 'open';
    for (const pass of this.held.splice(0)) pass();
  }

  halfOpen(): void {
    if (this.state !== 'open') return;
    this.state = 'half-open';
    this.server.destroy();
  }

  reset(): void {
    if (this.client.writable) this.client.resetAndDestroy();
    this.end();
  }

  private end(): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.held = [];
    this.client.destroy();
    this.server.destroy();
    this.rules.ended();
  }

  private hearClient(sent: Buffer): void {
    this.introduce(sent);
    if (!this.cut) {
      this.cut = this.rules.cutFor(sent);
      if (this.cut?.moment === 'before') this.breakOff(this.cut);
    }
    this.pass(() => this.server.write(sent));
  }

  private hearServer(answer: Buffer): void {
    const { cut } = this;
    const isReady = cut !== null && answer.includes(READY);
    if (cut?.moment === 'with-answer' && isReady) this.pass(() => this.bidFarewell(answer, cut));
    else if (cut?.moment === 'after' && isReady) this.breakOff(cut);
    // Said to nobody: the answer, and what comes with it.
    else if (cut?.moment !== 'after') this.pass(() => this.client.write(answer));
  }

  private breakOff(cut: Cut): void {
    if (cut.leaves === 'silence') this.hold();
    else this.end();
    cut.done(true);
  }

  private bidFarewell(answer: Buffer, cut: Cut): void {
    this.client.end(Buffer.concat([answer, FAREWELL]));
    this.halfOpen();
    cut.done(true);
  }

  private pass(forward: () => void): void {
    if (this.state === 'ended' || this.state === 'half-open') return;
    const guarded = (): void => {
      if (this.state === 'holding') this.held.push(guarded);
      else if (this.state === 'open') forward();
    };
    const latency = this.rules.latencyMs();
    if (latency === 0 && this.delayed.length === 0) return guarded();
    this.delayed.push({ at: performance.now() + latency, forward: guarded });
    if (this.delayed.length === 1) this.awaitFirst();
  }

  /** One timer for the first that waits, so that nothing overtakes when the latency changes. */
  private awaitFirst(): void {
    const [first] = this.delayed;
    if (!first) return;
    const deliver = (): void => {
      this.delayed.shift();
      first.forward();
      this.awaitFirst();
    };
    setTimeout(deliver, Math.max(0, first.at - performance.now()));
  }

  /** A name stands in the startup packet, or in the statement by which a part of the engine makes a connection its own. */
  private introduce(sent: Buffer): void {
    const name = (this.introduced ? TAKEN : NAMED).exec(sent.toString('latin1'));
    if (!name) return;
    this.introduced = true;
    this.application = name[1] ?? name[2];
    this.rules.named();
  }
}

function farewell(...fields: readonly string[]): Buffer {
  const body = Buffer.from(`${fields.join('\0')}\0\0`);
  const head = Buffer.alloc(5, 'E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
