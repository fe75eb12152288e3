import { Logger } from '@nestjs/common';
import type { DashboardStore } from '../../storage/contract/dashboard-store.contract.js';
import type { Viewer } from '../access/viewer.js';
import { DashboardRefusal } from '../http/dashboard-refusal.js';
import type { HttpExchange } from '../http/http-exchange.js';
import { refusalOf } from '../http/refusal-of.js';
import type { OverviewReader } from '../read/overview.reader.js';
import { cappedCount, timeOf } from '../read/run-view.js';
import type { RunsReader } from '../read/runs.reader.js';
import { LiveStream } from './live-stream.js';
import type { LiveTopic } from './live-topic.js';

/** As fresh as the answers that they lead to; every look costs a query or two, whatever the number of clients. */
const LOOK_EVERY_MS = 1_000;
/** The overview is made for everybody, and costs more. */
const OVERVIEW_EVERY = 3;
/** Proxies give up connections that are silent for a minute or half of one. */
const BEAT_EVERY = 15;
/** After this many looks (ten minutes) a client comes back through the guards: access that was taken away ends then. */
const LOOKS_OF_A_STREAM = 600;
/** Every open page holds a connection and is looked for; one that is left open on every screen of a company is not many. */
const MOST_STREAMS = 100;
/** News of more than this many runs are "there is news". */
const NEWER_LIMIT = 100;

interface Client {
  readonly topic: LiveTopic;
  readonly viewer: Viewer;
  readonly stream: LiveStream;
  /** Runs newer than this one are news. */
  readonly since: string | undefined;
  /** What was last seen, by run id; of the overview, nothing. */
  readonly seen: Map<string, string>;
  newer: number;
  looks: number;
  inTrouble: boolean;
}

export interface LiveHubParts {
  readonly store: DashboardStore;
  readonly runs: RunsReader;
  readonly overview: OverviewReader;
}

/**
 * Tells open pages what changes. It looks every second while somebody listens, and not at all otherwise.
 *
 * States: idle (nobody listens, no timer) ⇄ looking → closed, for good: every stream is ended with `bye`.
 */
export class LiveHub {
  private readonly clients = new Set<Client>();
  private readonly logger = new Logger('DurableDashboard');
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly parts: LiveHubParts) {}

  get listeners(): number {
    return this.clients.size;
  }

  /** Opens a stream. Whether the person may see the topic was asked before. @throws DashboardRefusal */
  async open(topic: LiveTopic, viewer: Viewer, exchange: HttpExchange): Promise<void> {
    if (this.closed || this.clients.size >= MOST_STREAMS) {
      throw new DashboardRefusal('unavailable', 'Too many pages are open. This one shows no news for now.');
    }
    const { store } = this.parts;
    const [now, [newest], seen] = await Promise.all([
      store.now(),
      topic.topic === 'runs' ? store.search({}, 1) : [],
      this.marksOf(topic),
    ]);
    const stream = new LiveStream(exchange.openStream('text/event-stream; charset=utf-8'), () => this.leave(client));
    const client: Client = {
      ...{ topic, viewer, stream, seen, since: newest?.id },
      ...{ newer: 0, looks: 0, inTrouble: false },
    };
    if (this.closed) return stream.end();
    this.clients.add(client);
    stream.send('hello', { now: timeOf(now) });
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** Ends every stream. May be called twice. */
  async close(): Promise<void> {
    this.closed = true;
    this.stop();
    for (const { stream } of [...this.clients]) {
      stream.send('bye', { now: new Date().toISOString() });
      stream.end();
    }
    this.clients.clear();
    await this.looking;
  }

  /** One look at a time: a database that is slow is not asked again while it has not answered. */
  private look(): void {
    if (this.looking) return;
    this.looking = this.lookAtAll().finally(() => {
      this.looking = null;
    });
  }

  private async lookAtAll(): Promise<void> {
    const rows = this.marksOfRows();
    // It is awaited with the first client that wants it.
    rows.catch(() => undefined);
    for (const client of [...this.clients]) {
      client.looks += 1;
      if (client.stream.isClosed) continue;
      if (client.looks > LOOKS_OF_A_STREAM) client.stream.end();
      else await this.tell(client, rows);
    }
  }

  private async tell(client: Client, rows: Promise<ReadonlyMap<string, string>>): Promise<void> {
    const { topic, stream } = client;
    try {
      if (client.looks % BEAT_EVERY === 0) stream.beat();
      if (topic.topic === 'overview') await this.tellOverview(client, topic.window);
      else if (topic.topic === 'run') await this.tellRun(client, topic.id);
      else await this.tellRuns(client, topic, await rows);
      client.inTrouble = false;
    } catch (error) {
      if (!client.inTrouble) this.complain(client, error);
      client.inTrouble = true;
    }
  }

  private async tellOverview(
    { looks, stream, viewer }: Client,
    window: Extract<LiveTopic, { topic: 'overview' }>['window'],
  ): Promise<void> {
    if (looks % OVERVIEW_EVERY === 0) stream.send('overview', await this.parts.overview.read(window, viewer));
  }

  private async tellRun({ seen, stream, viewer }: Client, id: string): Promise<void> {
    const mark = await this.parts.store.deepMark(id);
    if (mark === (seen.get(id) ?? null)) return;
    if (mark === null) seen.delete(id);
    else seen.set(id, mark);
    const run = mark === null ? null : await this.parts.runs.find(id);
    const [row = null] = await this.parts.runs.rows(run ? [run] : [], viewer);
    stream.send('run', { now: timeOf(await this.parts.store.now()), run: row });
  }

  private async tellRuns(
    client: Client,
    { ids, search }: Extract<LiveTopic, { topic: 'runs' }>,
    rows: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { seen, viewer, stream, since } = client;
    const { store, runs } = this.parts;
    const changed = ids.filter((id) => rows.has(id) && rows.get(id) !== seen.get(id));
    const gone = ids.filter((id) => !rows.has(id) && seen.has(id));
    const newer = await store.count({ ...search, before: undefined, after: since }, NEWER_LIMIT);
    if (changed.length === 0 && gone.length === 0 && newer === client.newer) return;
    for (const id of changed) seen.set(id, rows.get(id)!);
    for (const id of gone) seen.delete(id);
    client.newer = newer;
    const found = changed.length === 0 ? [] : await store.search({ ids: changed }, changed.length);
    const now = timeOf(await store.now());
    stream.send('runs', { now, changed: await runs.rows(found, viewer), gone, newer: cappedCount(newer, NEWER_LIMIT) });
  }

  /** Every row that some page shows, in one query. */
  private async marksOfRows(): Promise<ReadonlyMap<string, string>> {
    const ids = new Set<string>();
    for (const { topic } of this.clients) if (topic.topic === 'runs') for (const id of topic.ids) ids.add(id);
    const marks = await this.parts.store.runMarks([...ids]);
    return new Map(marks.map(({ id, mark }) => [id, mark]));
  }

  private async marksOf(topic: LiveTopic): Promise<Map<string, string>> {
    const { store } = this.parts;
    if (topic.topic === 'overview') return new Map();
    if (topic.topic === 'runs') return new Map((await store.runMarks(topic.ids)).map(({ id, mark }) => [id, mark]));
    const mark = await store.deepMark(topic.id);
    return new Map(mark === null ? [] : [[topic.id, mark]]);
  }

  private complain({ stream }: Client, error: unknown): void {
    const refusal = refusalOf(error);
    if (!refusal) this.logger.error(error);
    const { code, message } = refusal ?? { code: 'internal' as const, message: 'The news cannot be read.' };
    stream.send('trouble', { code, message });
  }

  private leave(client: Client): void {
    this.clients.delete(client);
    if (this.clients.size === 0) this.stop();
  }

  private stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }
}
