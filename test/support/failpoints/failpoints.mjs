import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { pointsOf } from './points.mjs';

/** How often a gate looks for its file. */
const GATE_POLL_MS = 10;

/** Places inside a transaction, which a statement that is sent alone has only when it is wrapped in one. */
const INSIDE = ['in-transaction', 'before-commit'];

/**
 * Hits writes of the engine where they were told to.
 *
 * It sits between the engine and the driver: `wrap` gets every statement of a connection, passes on what is no write, and
 * leads a write past its places. A write that is sent without a transaction gets one of its own when something is to
 * happen inside it; so nothing that is not armed costs anything but a look at the text.
 */
export class Failpoints {
  /** Hits by point and place. @type {Map<string, number>} */
  hits = new Map();
  moments = 0;
  /** Writes of the transactions that are open, by connection. @type {WeakMap<object, string[][]>} */
  open = new WeakMap();

  /**
   * @param armed what {@link parseFailpoints} returns
   * @param world replaces the process in tests of this file
   */
  constructor(armed, world = process) {
    this.armed = armed;
    this.world = world;
  }

  /**
   * Runs one statement of a connection.
   *
   * @param client the driver's connection
   * @param run sends the statement itself
   * @param send sends another one, by its text
   */
  wrap(client, { text, values }, run, send) {
    const end = /^\s*(begin|start transaction|commit|rollback(?! to))/i.exec(text)?.[1].toLowerCase();
    if (end === 'commit') return this.commit(client, run, send);
    if (end === 'rollback') this.open.delete(client);
    else if (end !== undefined) this.open.set(client, []);
    const points = pointsOf(text, values);
    if (points.length === 0) return run();
    return this.open.has(client) ? this.inside(client, points, run, send) : this.alone(client, points, run, send);
  }

  /** A write in a transaction that the engine, or its caller, has begun. */
  async inside(client, points, run, send) {
    await this.pass(client, [points], ['before'], send);
    const result = await run();
    this.open.get(client)?.push(points);
    await this.pass(client, [points], ['in-transaction'], send);
    return result;
  }

  async commit(client, run, send) {
    const writes = this.open.get(client) ?? [];
    this.open.delete(client);
    await this.pass(client, writes, ['before-commit'], send);
    const result = await run();
    // COMMIT of an aborted transaction answers ROLLBACK, without an error.
    if (result.command === 'COMMIT') await this.committed(client, writes, send);
    return result;
  }

  /** A write that commits by itself. */
  async alone(client, points, run, send) {
    await this.pass(client, [points], ['before'], send);
    const result = this.armedInside(points) ? await this.inTransaction(client, points, run, send) : await run();
    await this.committed(client, [points], send);
    return result;
  }

  async inTransaction(client, points, run, send) {
    await send('begin');
    try {
      const result = await run();
      await this.pass(client, [points], INSIDE, send);
      await send('commit');
      return result;
    } catch (error) {
      await send('rollback').catch(() => undefined);
      throw error;
    }
  }

  async committed(client, writes, send) {
    await this.pass(client, writes, ['after-commit'], send);
    if (!this.armed.some(({ place }) => place === '*' || place === 'after-acknowledgement')) return;
    // Every promise that waits for the answer settles first.
    setImmediate(() => void this.pass(client, writes, ['after-acknowledgement'], send).catch(() => undefined));
  }

  armedInside(points) {
    return this.armed.some(
      ({ point, place }) => (point === '*' || points.includes(point)) && (place === '*' || INSIDE.includes(place)),
    );
  }

  /** One moment, which has the names of all writes and places that meet in it. */
  async pass(client, writes, places, send) {
    const moment = ++this.moments;
    for (const place of places) {
      for (const points of writes) {
        for (const point of points) await this.hit({ point, place, moment, points }, client, send);
      }
    }
  }

  async hit(where, client, send) {
    const { point, place } = where;
    const key = `${point}:${place}`;
    const hit = (this.hits.get(key) ?? 0) + 1;
    this.hits.set(key, hit);
    for (const failpoint of this.armed) {
      if (failpoint.point !== '*' && failpoint.point !== point) continue;
      if (failpoint.place !== '*' && failpoint.place !== place) continue;
      if (failpoint.hit !== null && failpoint.hit !== hit) continue;
      await this.act(failpoint, { ...where, hit }, client, send);
    }
  }

  async act({ action, argument }, where, client, send) {
    switch (action) {
      case 'kill':
        this.world.kill(this.world.pid, 'SIGKILL');
        return block(Infinity); // nothing may happen until the signal has arrived
      case 'block':
        return block(Number(argument));
      case 'throw':
        if (where.place === 'after-acknowledgement') return undefined; // `*` means this place too
        return send(`do $$ begin raise exception using errcode = '${argument}', message = 'a failpoint'; end $$`);
      case 'cut':
        client.connection.stream.destroy();
        throw new Error('Connection terminated unexpectedly');
      case 'gate':
        if (where.place === 'after-acknowledgement') return undefined;
        return argument === null ? this.untilReleased(where) : untilThere(argument);
      case 'log':
        return appendFileSync(argument, `${JSON.stringify({ pid: this.world.pid, ...where })}\n`);
      default:
        throw new Error(`no action "${action}"`);
    }
  }

  /** Tells the parent process, and waits for `{ type: 'release-failpoint', point, place }`, or one without the two. */
  untilReleased({ point, place, hit }) {
    const { world } = this;
    return new Promise((resolve) => {
      const hear = (message) => {
        if (message?.type !== 'release-failpoint') return;
        if ((message.point ?? point) !== point || (message.place ?? place) !== place) return;
        world.off('message', hear);
        resolve();
      };
      world.on('message', hear);
      world.send?.({ type: 'failpoint', point, place, hit });
    });
  }
}

async function untilThere(file) {
  while (!existsSync(file)) await delay(GATE_POLL_MS);
}

function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
