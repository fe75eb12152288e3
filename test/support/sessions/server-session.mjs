import { once } from 'node:events';
import { connect } from 'node:net';
import { FrameScanner } from '../postgres-protocol/frame-scanner.mjs';
import { message, welcomeIn } from '../postgres-protocol/messages.mjs';

/** What sessions are called in `pg_stat_activity` that wait for their next client. */
export const KEPT = 'kept';

const IDLE = 'I'.charCodeAt(0);

/** A session of the server: a client's, or kept for the next one. */
export class ServerSession {
  /** Told of what the server says; nobody listens while the session is kept. */
  onData = () => {};
  /** Told once when the server has ended the session. */
  onEnd = () => {};
  #socket;
  #fromServer = new FrameScanner((type, firstByte) => this.#heard(type, firstByte));
  #fromClient = new FrameScanner((type) => this.#asked(type));
  /** What the server said up to its first `ReadyForQuery`. */
  #said = [];
  #greeted = false;
  #answersDue = 0;
  /** Something was asked that no answer is due for yet, as by a `Parse` without a `Sync`. */
  #unfinished = false;
  #status = IDLE;
  #leaving = false;
  #onReady = () => {};

  /** @param {{ host: string, port: number }} address @param {Buffer} startup the packet of the first client. */
  constructor(address, startup) {
    this.#socket = connect(address).setNoDelay(true);
    this.#socket.write(startup);
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => this.onEnd());
  }

  get socket() {
    return this.#socket;
  }

  /** What the server says to a client that it has let in. */
  get welcome() {
    return welcomeIn(Buffer.concat(this.#said));
  }

  /** Passes on what the client sends. @returns {boolean} false when the client takes its leave. */
  send(chunk) {
    const whole = this.#fromClient.push(chunk);
    // `Terminate` is the last thing that a client says.
    const last = this.#leaving ? whole.subarray(0, -5) : whole;
    if (last.length > 0 && !this.#socket.write(last)) this.onFull();
    return !this.#leaving;
  }

  /** Told when the server does not read as fast as the client writes. */
  onFull = () => {};

  /** True when the next client finds nothing of this one that `DISCARD ALL` does not take away. */
  get canBeKept() {
    const settled = this.#answersDue === 0 && !this.#unfinished && this.#status === IDLE;
    return this.#greeted && settled && !this.#socket.destroyed;
  }

  /** Forgets the client. @returns {Promise<boolean>} false when the server has ended the session. */
  async forget() {
    this.#leaving = false;
    this.onData = () => {};
    return (await this.#ask('discard all')) && (await this.#ask(`set application_name = '${KEPT}'`));
  }

  /** Becomes the session of a client of that name. @returns {Promise<boolean>} false when the server has ended the session. */
  rename(name) {
    return this.#ask(`set application_name = '${name.replaceAll("'", "''")}'`);
  }

  /** Ends it as the client would: what is open in it is rolled back. */
  terminate() {
    this.#socket.end(message('X', Buffer.alloc(0)));
  }

  /** Ends it as when the client is gone. */
  hangUp() {
    this.#socket.end();
    this.#socket.resume(); // it may have waited for the client to read
  }

  async #ask(text) {
    if (this.#socket.destroyed || !this.#socket.writable) return false;
    this.#answersDue += 1;
    const ready = new Promise((resolve) => (this.#onReady = () => resolve(true)));
    const ended = new AbortController();
    try {
      this.#socket.write(message('Q', Buffer.from(`${text}\0`)));
      const closed = once(this.#socket, 'close', { signal: ended.signal }).then(
        () => false,
        () => false,
      );
      return (await Promise.race([ready, closed])) && this.#status === IDLE;
    } finally {
      ended.abort();
      this.#onReady = () => {};
    }
  }

  #receive(chunk) {
    if (!this.#greeted) this.#said.push(chunk);
    this.#fromServer.push(chunk);
    this.onData(chunk);
  }

  #heard(type, status) {
    if (type !== 'Z') return;
    if (this.#greeted) this.#answersDue -= 1;
    this.#greeted = true;
    this.#status = status;
    this.#onReady();
  }

  #asked(type) {
    if (type === 'X') this.#leaving = true;
    else if (type === 'Q' || type === 'S' || type === 'F') {
      this.#answersDue += 1;
      this.#unfinished = false;
    } else this.#unfinished = this.#greeted; // before that it has said who it is
  }
}
