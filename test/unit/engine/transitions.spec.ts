// Covers: every move that a worker makes is one that the state machine allows, and says what it has seen. The drawing of the
// machine: test/unit/docs. What the moves do to rows: the integration tests.
import { canTransition, isTerminal, type RunStatus } from '../../../lib/definition/run-state.js';
import type { RunSession } from '../../../lib/engine/execution/run-session.js';
import {
  complete,
  end,
  handBack,
  nodeDone,
  park,
  retryLater,
  startCompensating,
  undone,
} from '../../../lib/engine/execution/transition.js';
import type { Checkpoint, FailedAttempt, JournalEntry } from '../../../lib/storage/contract/records.js';
import { session } from './run-session.fixture.js';

const error = { name: 'Error', message: 'no' };
const entry: JournalEntry = { key: 'one', kind: 'step', result: '1', attempt: 1, position: 0, durationMs: 1 };
const attempt: FailedAttempt = { key: 'one', attempt: 1, error, final: false, durationMs: 1 };
const cancel = { reason: null, compensate: true };
const parking = { due: { delayMs: 1_000 }, awaiting: ['go'] };

const FORWARD: Record<string, (run: RunSession) => Checkpoint> = {
  'node done': (run) => nodeDone(run, [entry], false),
  'node done at a shutdown': (run) => nodeDone(run, [entry], true),
  complete,
  'retry later': (run) => retryLater(run, [attempt], 1_000),
  'retry at once': (run) => retryLater(run, [attempt], 0),
  park: (run) => park(run, parking),
  'start compensating': (run) => startCompensating(run, error, [attempt]),
  fail: (run) => end(run, 'failed', { error }),
  'end as canceled': (run) => end(run, 'canceled'),
  'hand back': handBack,
};
const BACKWARD: Record<string, (run: RunSession) => Checkpoint> = {
  undone: (run) => undone(run, entry, false),
  'undone at a shutdown': (run) => undone(run, entry, true),
  'retry an undo later': (run) => retryLater(run, [attempt], 1_000),
  'retry an undo at once': (run) => retryLater(run, [attempt], 0),
  'hand back': handBack,
  'end as failed': (run) => end(run, 'failed'),
  'end as canceled': (run) => end(run, 'canceled'),
  'end as compensation_failed': (run) => end(run, 'compensation_failed', { error }),
};

const cases = (moves: typeof FORWARD, status: RunStatus) =>
  Object.entries(moves).flatMap(([name, move]) =>
    [0, 1].flatMap((cursor) => [null, cancel].map((asked) => ({ name, move, status, cursor, asked }))),
  );

it.each([...cases(FORWARD, 'running'), ...cases(BACKWARD, 'compensating')])(
  '$name from $status at node $cursor is allowed',
  ({ move, status, cursor, asked }) => {
    const run = session({ status, cursor, wakeups: 7, epoch: 3, cancel: asked });

    const checkpoint = move(run);

    expect(checkpoint).toMatchObject({ runId: run.id, epoch: 3 });
    const made = checkpoint.move!;
    expect(canTransition(status, made.status)).toBe(true);
    if (isTerminal(made.status)) expect(made).toMatchObject({ held: false, due: null, awaiting: null });
    if (made.held) expect(made).toMatchObject({ due: null, ifWakeups: null });
  },
);

it.each(['complete', 'park', 'retry later', 'fail', 'end as canceled'])('%s restates the news it has seen', (name) => {
  expect(FORWARD[name](session({ wakeups: 7 })).move).toMatchObject({ held: false, ifWakeups: 7 });
});

describe('once a cancel has been heard', () => {
  it.each<[string, (run: RunSession) => Checkpoint]>([
    ['the last node', (run) => nodeDone(run, [entry], false)],
    ['a park', (run) => park(run, parking)],
    ['a wait for the next attempt', (run) => retryLater(run, [attempt], 1_000)],
  ])('%s keeps the run, and what it journals', (_, move) => {
    const checkpoint = move(session({ cursor: 1, cancel }));

    expect(checkpoint.move).toMatchObject({ status: 'running', held: true });
    expect(checkpoint.journal.length + checkpoint.attempts.length).toBeLessThanOrEqual(1);
  });

  it('no child is started any more', () => {
    const child = { id: 'x' } as unknown as Checkpoint['children'][number];

    expect(park(session({ cancel }), { ...parking, children: [child] }).children).toEqual([]);
    expect(park(session(), { ...parking, children: [child] }).children).toEqual([child]);
  });

  it('an undo that is to be tried again still waits for it', () => {
    const checkpoint = retryLater(session({ status: 'compensating', cancel }), [attempt], 1_000);

    expect(checkpoint.move).toMatchObject({ status: 'compensating', held: false, due: { delayMs: 1_000 } });
  });
});

it('tells a parent when a child ends, and at no other move', () => {
  const child = session({ parentId: 'p', cursor: 1 });

  expect(nodeDone(child, [entry], false).parentId).toBe('p');
  expect(end(child, 'failed', { error }).parentId).toBe('p');
  expect(park(child, parking).parentId).toBeNull();
  expect(handBack(child).parentId).toBeNull();
});
