/**
 * Covers: how events are told: to streams, to handlers and to diagnostics channels, what a failing one disturbs, and that
 * nothing is made while nobody listens. Which events there are is covered by test/integration/observability.
 */
import { channel } from 'node:diagnostics_channel';
import { filter, map, take } from 'rxjs';
import { DURABLE_EVENTS } from '../../../lib/observability/durable-event-names.js';
import type { DurableEvent } from '../../../lib/observability/durable-event.interface.js';
import { DurableEvents } from '../../../lib/observability/durable-events.js';
import { EventBus } from '../../../lib/observability/event-bus.js';
import { OnDurableEvent } from '../../../lib/observability/on-durable-event.decorator.js';

const NAME = 'durable.signal.received';
const FIELDS = { runId: 'run-1', signal: 'approved', accepted: true };

function setUp(): { bus: EventBus; events: DurableEvents; lines: string[]; send: () => void } {
  const lines: string[] = [];
  const time = new Date('2030-01-01T00:00:00Z');
  const bus = new EventBus({ error: (line: string) => lines.push(line) }, () => time);
  return { bus, events: new DurableEvents(bus), lines, send: () => bus.emit(NAME, FIELDS) };
}

/** What is rejected or scheduled by then has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('wants an event only while somebody listens to it: a stream, a handler or a channel', () => {
  const { bus, events } = setUp();
  const wanted = (): boolean[] => [bus.wants(NAME), bus.wants('durable.run.failed')];
  expect(wanted()).toEqual([false, false]);

  const one = events.of(NAME).subscribe();
  expect(wanted()).toEqual([true, false]);
  one.unsubscribe();
  const all = events.subscribe();
  expect(wanted()).toEqual([true, true]);
  all.unsubscribe();
  const hear = (): void => undefined;
  channel('durable.run.failed').subscribe(hear);
  expect(wanted()).toEqual([false, true]);
  channel('durable.run.failed').unsubscribe(hear);
  expect(wanted()).toEqual([false, false]);
});

it('tells streams and channels the same frozen event', () => {
  const { events, send } = setUp();
  const heard: unknown[] = [];
  const hear = (event: unknown): unknown => heard.push(event);
  events.subscribe(hear);
  channel(NAME).subscribe(hear);
  send();
  channel(NAME).unsubscribe(hear);

  expect(heard[0]).toEqual({ name: NAME, time: new Date('2030-01-01T00:00:00Z'), ...FIELDS });
  expect(heard[1]).toBe(heard[0]);
  expect(Object.isFrozen(heard[0])).toBe(true);
});

it('stays a stream behind operators', () => {
  const { events, send } = setUp();
  const heard: string[] = [];
  events
    .pipe(
      filter((event) => event.name === NAME),
      map((event) => event.runId),
      take(1),
    )
    .subscribe({ next: (id) => heard.push(id), complete: () => heard.push('complete') });
  send();
  send();
  expect(heard).toEqual(['run-1', 'complete']);
});

describe('a listener that fails', () => {
  const fail = (): never => {
    throw new RangeError('the password is hunter2\n    at the-password.js:1:1');
  };
  const reject = (): unknown => Promise.reject(new RangeError('hunter2'));

  it.each<[string, (events: DurableEvents) => unknown]>([
    ['a subscriber that throws', (events) => events.subscribe(fail)],
    ['an observer that throws', (events) => events.subscribe({ next: fail })],
    ['a subscriber that rejects', (events) => events.subscribe(reject)],
    ['a subscriber of one name', (events) => events.of(NAME).subscribe(fail)],
    ['a subscriber behind operators', (events) => events.pipe(map((event) => event.name)).subscribe(fail)],
    ['an operator', (events) => events.pipe(map(fail)).subscribe()],
    ['an error handler', (events) => events.pipe(map(fail)).subscribe({ error: fail })],
  ])('is told of once, without its message, and disturbs nobody: %s', async (_, subscribe) => {
    const { events, lines, send } = setUp();
    const heard: DurableEvent[] = [];
    subscribe(events);
    events.subscribe((event) => heard.push(event));

    send();
    send();
    await settled();

    expect(heard).toHaveLength(2);
    expect(lines).toEqual([
      expect.stringMatching(/^A subscriber of DurableEvents failed on an event with RangeError at .+event-bus\.spec/),
    ]);
    expect(lines.join()).not.toMatch(/hunter2|the-password/);
  });

  it.each([null, undefined, 'text', new Proxy({}, { get: fail }), Object.create(null)])(
    'may throw anything (%#)',
    (thrown) => {
      const { bus, lines, send } = setUp();
      const hear = (): never => {
        throw thrown;
      };
      bus.listen({ title: 'Audit.onAny', hear });
      send();
      expect(lines).toEqual([expect.stringMatching(/^Audit\.onAny failed on durable\.signal\.received with a/)]);
    },
  );
});

it('tells nobody who has unsubscribed while the event was being told', () => {
  const { events, send } = setUp();
  const heard: string[] = [];
  const first = events.subscribe(() => {
    heard.push('first');
    second.unsubscribe();
  });
  const second = events.subscribe(() => heard.push('second'));
  send();
  first.unsubscribe();
  send();
  expect(heard).toEqual(['first']);
});

it('refuses a handler for an event that there is not', () => {
  expect(() => OnDurableEvent('durable.run.complete' as 'durable.run.completed')).toThrow(
    'Invalid event name "durable.run.complete": no event has it; did you mean "durable.run.completed".',
  );
  expect(() => OnDurableEvent(7 as never)).toThrow('the events are durable.run.started');
  expect(DURABLE_EVENTS).toHaveLength(new Set(DURABLE_EVENTS).size);
});
