/**
 * The pure half of the drawn plan: boxes and arrows, their places, and what is laid over them. What the browser makes of it
 * is covered by test/browser.
 */
import type { DifferenceAnswer, NodeView } from '../../../lib/dashboard/api/dashboard-api.contract.js';
import { differenceLooks } from '../../../lib/dashboard/ui/src/graph/difference-looks.js';
import { layoutOf } from '../../../lib/dashboard/ui/src/graph/graph-layout.js';
import { END, graphOf, START } from '../../../lib/dashboard/ui/src/graph/graph-model.js';
import { planUnit } from '../../../lib/dashboard/ui/src/graph/plan-unit.js';
import { runLooks } from '../../../lib/dashboard/ui/src/graph/run-looks.js';
import type { PlanJson } from '../../../lib/definition/plan-json.js';

const PLAN: PlanJson = {
  format: 1,
  name: 'order',
  version: 1,
  hash: 'h1',
  nodes: [
    { kind: 'step', name: 'charge', transactional: 'SERIALIZABLE', maxAttempts: 5, compensate: true },
    { kind: 'route', name: 'carrier', branches: [{ name: 'post', maxAttempts: 1 }, { name: 'courier' }] },
    { kind: 'parallel', name: 'notify', branches: [{ name: 'email' }, { name: 'sms' }, { name: 'push' }] },
    { kind: 'forEach', name: 'pack', concurrency: 4 },
    { kind: 'loop', name: 'poll', maxIterations: 10 },
    { kind: 'sleep', name: 'rest', duration: { ms: 604_800_000 } },
    { kind: 'waitForSignal', name: 'approval', signal: null, timeout: { ms: 259_200_000 } },
    { kind: 'waitForAny', name: 'outcome', signals: ['arrived', 'kept'] },
    { kind: 'childWorkflow', name: 'ship', child: 'shipment', childVersion: 2, parentClose: 'cancel' },
  ],
};

const node = (name: string, more: Partial<NodeView> = {}): NodeView => ({
  name,
  kind: 'step',
  index: 0,
  state: 'done',
  failedAttempts: 0,
  undoFailed: false,
  startedAt: null,
  finishedAt: null,
  parts: [],
  partCount: 0,
  ...more,
});

describe('the boxes of a plan', () => {
  const { nodes, edges } = graphOf(PLAN);

  it('are its nodes and branches, between a start and an end', () => {
    expect(nodes.map(({ id }) => id)).toEqual([
      START,
      ...['charge', 'carrier', 'carrier.post', 'carrier.courier'],
      ...['notify', 'notify.email', 'notify.sms', 'notify.push'],
      ...['pack', 'poll', 'rest', 'approval', 'outcome', 'ship'],
      END,
    ]);
  });

  it('say in a line what they do', () => {
    expect(Object.fromEntries(nodes.map(({ id, detail }) => [id, detail]))).toMatchObject({
      charge: 'transaction · 5 attempts',
      carrier: 'one of 2',
      'carrier.post': '1 attempt',
      notify: 'all of 3',
      pack: 'each item, 4 at a time',
      poll: 'loop, at most 10',
      rest: 'sleep 7d',
      approval: 'signal (computed) · ≤ 3d',
      outcome: 'any of arrived, kept',
      ship: 'runs shipment v2',
    });
  });

  it('are joined in the order of the plan, through every branch', () => {
    const shown = edges.map(({ from, to }) => `${from}>${to}`);
    expect(shown.slice(0, 7)).toEqual([
      '(start)>charge',
      'charge>carrier',
      'carrier>carrier.post',
      'carrier>carrier.courier',
      'carrier.post>notify',
      'carrier.courier>notify',
      'notify>notify.email',
    ]);
    expect(shown.at(-1)).toBe('ship>(end)');
  });

  it('know what can be undone', () => {
    expect(nodes.filter(({ compensated }) => compensated).map(({ id }) => id)).toEqual(['charge']);
  });

  it('of an empty plan are its two ends', () => {
    expect(graphOf({ nodes: [] })).toMatchObject({ edges: [{ from: START, to: END }] });
  });
});

describe('the places of the boxes', () => {
  const layout = layoutOf(graphOf(PLAN));
  const at = (id: string) => layout.nodes.find((each) => each.id === id)!;

  it('do not overlap, and lie inside the picture', () => {
    for (const a of layout.nodes) {
      expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= layout.width && a.y + a.height <= layout.height).toBe(true);
      for (const b of layout.nodes) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect([a.id, b.id, a === b || apart]).toEqual([a.id, b.id, true]);
      }
    }
  });

  it('have branches side by side, from left to right as the plan has them', () => {
    const [email, sms, push] = ['notify.email', 'notify.sms', 'notify.push'].map(at);
    expect([email.y, push.y]).toEqual([sms.y, sms.y]);
    expect(email.x < sms.x && sms.x < push.x).toBe(true);
  });

  it('are the same for the same plan', () => {
    expect(layoutOf(graphOf(PLAN))).toEqual(layout);
  });
});

describe('a run laid over its plan', () => {
  it('gives each box its state, in words and as a tone', () => {
    const looks = runLooks([
      node('charge', { failedAttempts: 2 }),
      node('reserve', { state: 'not_reached' }),
      node('given', { state: 'skipped' }),
      node('reversed', { undoFailed: true }),
    ]);
    expect(looks.get('reversed')).toMatchObject({ tone: 'compensation_failed', says: 'undoing it failed' });
    expect(looks.get('charge')).toMatchObject({ tone: 'done', says: 'done, 2 failed attempts', mark: '2✕' });
    expect(looks.get('reserve')).toMatchObject({ tone: 'not_reached', says: 'not reached', faint: true });
    expect(looks.get('given')).toMatchObject({ tone: 'done', says: 'skipped' });
  });

  it('gives branches states of their own, and counts items on their node', () => {
    const part = (name: string, state: NodeView['state']) => ({ name, state, failedAttempts: 0 });
    const looks = runLooks([
      node('notify', { kind: 'parallel', parts: [part('email', 'done'), part('sms', 'failed')], partCount: 2 }),
      node('pack', { kind: 'forEach', parts: [part('0', 'done'), part('1', 'running')], partCount: 2 }),
      node('many', { kind: 'loop', parts: [part('0', 'done')], partCount: 900 }),
    ]);
    expect(looks.get('notify.sms')).toMatchObject({ tone: 'failed' });
    expect(looks.get('pack')).toMatchObject({ mark: '1/2' });
    expect(looks.get('many')).toMatchObject({ mark: '900' });
    expect(looks.has('pack.0')).toBe(false);
  });
});

describe('two plans beside each other', () => {
  it('mark what changed on either side, and leave the rest faint', () => {
    const to: PlanJson = {
      ...PLAN,
      version: 2,
      nodes: [...PLAN.nodes.slice(0, 3), { ...PLAN.nodes[3], name: 'wrap' }],
    };
    const answer: DifferenceAnswer = {
      from: PLAN,
      to,
      rows: [
        { change: 'same', from: 0, to: 0, details: [] },
        { change: 'changed', from: 1, to: 1, details: ['attempts'] },
        { change: 'removed', from: 3, to: null, details: [] },
        { change: 'added', from: null, to: 3, details: [] },
      ],
      differences: [],
    };
    const looks = differenceLooks(answer);
    expect(looks.from.get('charge')).toMatchObject({ says: 'same', faint: true });
    expect(looks.from.get('carrier.post')).toMatchObject({ says: 'changed', faint: false });
    expect([looks.from.get('pack')?.says, looks.to.get('pack'), looks.to.get('wrap')?.says]).toEqual([
      'removed',
      undefined,
      'added',
    ]);
  });
});

describe('what a plan says of a box', () => {
  it('is told in names and values for people', () => {
    expect(Object.fromEntries(planUnit(PLAN, 'charge'))).toEqual({
      Kind: 'step',
      Transaction: 'SERIALIZABLE',
      Attempts: '5',
      'Can be undone': 'yes',
    });
    expect(Object.fromEntries(planUnit(PLAN, 'approval'))).toMatchObject({
      Signal: 'computed',
      'Waits, at most': '3d',
    });
    expect(Object.fromEntries(planUnit(PLAN, 'carrier.post'))).toEqual({ Attempts: '1' });
    expect(planUnit(PLAN, 'nowhere')).toEqual([]);
  });
});
