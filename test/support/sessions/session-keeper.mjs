import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { ServerSession } from './server-session.mjs';
import { firstPacket, parametersOf } from '../postgres-protocol/messages.mjs';

/**
 * Stands between clients and a server, and keeps the sessions that clients have ended for the next ones with the same user,
 * database and settings. A server makes a process for each session, which on a small virtual machine takes it 20 to 60 ms of
 * CPU, and the tests open sessions by the thousand.
 *
 * A kept session is one that stood outside of a transaction with every answer given; `DISCARD ALL` has taken away the rest
 * before the client is told that it is closed. Every other is ended as without the keeper.
 *
 * It is for tests: the next client is not asked for a password, and there is no encryption.
 *
 * @param {string} target URL of a server.
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function startSessionKeeper(target) {
  const url = new URL(target);
  const address = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set();
  /** Kept sessions by what they were opened with. @type {Map<string, ServerSession[]>} */
  const kept = new Map();
  // A client closes its end with its last word, and is told that it is closed when the session is ready for the next one.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    new Visit(socket, address, kept, sockets);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url.port = String(server.address().port);
  return {
    url: url.href,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One client: at the door until its session is there, then talking, then gone. */
class Visit {
  #opening = Buffer.alloc(0);
  /** @type {ServerSession | null} */
  #session = null;
  #key = '';
  /** While a session is made ready for it. */
  #waiting = false;
  /** It has said its last word, and is told when its session is done with it. */
  #leaving = false;

  constructor(client, address, kept, sockets) {
    this.client = client;
    this.address = address;
    this.kept = kept;
    this.sockets = sockets;
    client.setNoDelay(true);
    client.on('error', () => client.destroy());
    client.on('end', () => this.#leaving || client.end());
    client.on('close', () => this.#gone());
    client.on('data', (chunk) => this.#receive(chunk));
  }

  #receive(chunk) {
    if (this.#session) return this.#talk(chunk);
    this.#opening = Buffer.concat([this.#opening, chunk]);
    if (!this.#waiting) this.#knock();
  }

  #knock() {
    const first = firstPacket(this.#opening);
    if (first === null) return;
    if (first.kind === 'cancel') return this.#passCancel(first.packet);
    this.#opening = this.#opening.subarray(first.packet.length);
    if (first.kind === 'encryption') {
      this.client.write('N');
      return this.#knock();
    }
    this.#waiting = true;
    void this.#open(first.packet);
  }

  #passCancel(packet) {
    const socket = connect(this.address, () => socket.write(packet));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.client.destroy());
  }

  async #open(startup) {
    const { application_name: name = '', ...settings } = parametersOf(startup);
    this.#key = JSON.stringify(Object.entries(settings).toSorted());
    const session = await this.#takeKept(name);
    if (this.client.destroyed) return session?.terminate();
    if (session) this.client.write(session.welcome);
    this.#begin(session ?? this.#dial(startup));
  }

  /** @returns {Promise<ServerSession | null>} the one that was kept last. */
  async #takeKept(name) {
    const sessions = this.kept.get(this.#key) ?? [];
    for (let session = sessions.pop(); session; session = sessions.pop())
      if (await session.rename(name)) return session;
    return null;
  }

  #dial(startup) {
    const session = new ServerSession(this.address, startup);
    this.sockets.add(session.socket);
    session.socket.on('close', () => this.sockets.delete(session.socket));
    return session;
  }

  #begin(session) {
    const { client } = this;
    this.#session = session;
    session.onData = (chunk) => {
      if (client.write(chunk)) return;
      session.socket.pause();
      client.once('drain', () => session.socket.resume());
    };
    session.onFull = () => {
      client.pause();
      session.socket.once('drain', () => client.resume());
    };
    session.onEnd = () => client.end();
    if (session.socket.destroyed) client.end();
    const asked = this.#opening;
    this.#opening = Buffer.alloc(0);
    if (asked.length > 0) this.#talk(asked);
  }

  #talk(chunk) {
    if (!this.#session.send(chunk)) void this.#leave();
  }

  async #leave() {
    const session = this.#session;
    this.#session = null;
    this.#leaving = this.#waiting = true;
    if (!session.canBeKept) return session.terminate(); // its end is the client's
    const isKept = await session.forget();
    if (isKept) this.#keep(session);
    this.client.end();
  }

  #keep(session) {
    const sessions = this.kept.get(this.#key) ?? [];
    this.kept.set(this.#key, sessions);
    sessions.push(session);
    session.onEnd = () => {
      const at = sessions.indexOf(session);
      if (at >= 0) sessions.splice(at, 1);
    };
  }

  /** Without a word: the server notices as it would without the keeper. */
  #gone() {
    this.#session?.hangUp();
    this.#session = null;
  }
}
