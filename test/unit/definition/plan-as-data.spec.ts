/**
 * Covers a plan as JSON, what its hash depends on, and its drawing. That classes give the same data as the builder:
 * `../discovery/class-and-builder.spec.ts`.
 */
import { durable, type DurableWorkflow } from '../../../lib/definition/durable-workflow.js';
import { planToJson } from '../../../lib/definition/plan-json.js';
import { planToMermaid } from '../../../lib/definition/plan-mermaid.js';
import { everyNodeBuilder } from '../discovery/every-node.fixture.js';

const handler = () => 1;

it('gives every node with its options as plain JSON, functions as true, durations in milliseconds', () => {
  const plan = planToJson(everyNodeBuilder());
  expect(plan).toEqual({
    format: 1,
    name: 'every-node',
    version: 2,
    hash: everyNodeBuilder().hash,
    schema: true,
    nodes: [
      {
        kind: 'step',
        name: 'charge',
        maxAttempts: 5,
        backoff: true,
        timeoutMs: 30_000,
        retryIf: true,
        compensate: true,
        transactional: false,
      },
      { kind: 'step', name: 'stock', transactional: 'READ COMMITTED' },
      { kind: 'step', name: 'book', compensate: true, transactional: 'SERIALIZABLE' },
      {
        kind: 'parallel',
        name: 'notify',
        branches: [
          { name: 'email', maxAttempts: 2 },
          { name: 'text', compensate: true },
        ],
      },
      {
        kind: 'route',
        name: 'shipping',
        maxAttempts: 4,
        branches: [
          { name: 'courier', maxAttempts: 4, compensate: true },
          { name: 'post', maxAttempts: 1 },
        ],
      },
      {
        kind: 'loop',
        name: 'import',
        compensate: true,
        maxIterations: 10,
        until: true,
        while: true,
        feedback: true,
        mapInput: true,
      },
      { kind: 'forEach', name: 'pack', compensate: true, concurrency: 8 },
      { kind: 'sleep', name: 'coolingOff', duration: { ms: 604_800_000 } },
      { kind: 'sleep', name: 'newYear', duration: { until: '2030-01-01T00:00:00.000Z' } },
      { kind: 'sleep', name: 'nextMorning', duration: { computed: true } },
      { kind: 'waitForSignal', name: 'approval', signal: 'approved', timeout: { ms: 259_200_000 }, schema: true },
      { kind: 'waitForSignal', name: 'paid', signal: 'paid' },
      { kind: 'waitForSignal', name: 'delivered', signal: null, timeout: { ms: 1000 } },
      {
        kind: 'waitForAny',
        name: 'decision',
        signals: ['accept', 'reject'],
        timeout: { ms: 604_800_000 },
        schemas: ['reject'],
      },
      {
        kind: 'childWorkflow',
        name: 'shipment',
        child: 'shipment',
        childVersion: 3,
        mapInput: true,
        parentClose: 'abandon',
      },
      { kind: 'childWorkflow', name: 'copy', child: 'shipment', parentClose: 'cancel' },
    ],
  });
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

describe('the hash', () => {
  const base = (w = durable('w')) =>
    w
      .step('a', handler)
      .parallel('p', [
        { name: 'x', handler },
        { name: 'y', handler },
      ])
      .route('r', () => 'x', { x: handler, y: handler })
      .waitForSignal('s', 'signal')
      .waitForAny('any', ['one', 'two'])
      .childWorkflow('c', 'child')
      .loop('l', handler, { maxIterations: 3 })
      .sleep('z', '1h');

  it('is sha256 in hex, and stays the same from release to release', () => {
    expect(base().hash).toBe('125494c925477ea4af42f632e019d0968fc8429e4738be6cdf1de906d928fb65');
  });

  it('is the same before and after freezing', () => {
    const { hash } = base();
    const frozen = base().freeze();
    expect([frozen.hash, frozen.hash]).toEqual([hash, hash]);
  });

  it.each<[string, DurableWorkflow]>([
    ['another name', base(durable('v'))],
    ['another version', base(durable('w', { version: 2 }))],
    ['another node at the end', base().step('end', handler)],
    ['another node at the beginning', base(durable('w').step('begin', handler))],
  ])('changes with %s', (_title, workflow) => {
    expect(workflow.hash).not.toBe(base().hash);
  });

  it.each<[string, (w: DurableWorkflow) => unknown, (w: DurableWorkflow) => unknown]>([
    [
      'the order of nodes',
      (w) => w.step('a', handler).step('b', handler),
      (w) => w.step('b', handler).step('a', handler),
    ],
    ['the name of a node', (w) => w.step('a', handler), (w) => w.step('b', handler)],
    ['the kind of a node', (w) => w.step('a', handler), (w) => w.sleep('a', 1)],
    ['a signal', (w) => w.waitForSignal('a', 's'), (w) => w.waitForSignal('a', 't')],
    ['a computed signal', (w) => w.waitForSignal('a', 's'), (w) => w.waitForSignal('a', () => 's')],
    ['signals', (w) => w.waitForAny('a', ['s']), (w) => w.waitForAny('a', ['s', 't'])],
    ['a child', (w) => w.childWorkflow('a', 's'), (w) => w.childWorkflow('a', 't')],
    [
      'branches of a group',
      (w) => w.parallel('a', [{ name: 's', handler }]),
      (w) => w.parallel('a', [{ name: 't', handler }]),
    ],
    [
      'branches of a route',
      (w) => w.route('a', handler as never, { s: handler }),
      (w) => w.route('a', handler as never, { t: handler }),
    ],
    ['whether a step is undone', (w) => w.step('a', handler), (w) => w.step('a', handler, { compensate: handler })],
    [
      'which branches are undone',
      (w) => w.route('a', handler as never, { s: handler, t: { handler, compensate: handler } }),
      (w) => w.route('a', handler as never, { s: { handler, compensate: handler }, t: handler }),
    ],
  ])('changes with %s', (_title, one, other) => {
    expect(hashOf(one)).not.toBe(hashOf(other));
  });

  it.each<[string, (w: DurableWorkflow) => unknown, (w: DurableWorkflow) => unknown]>([
    ['handlers', (w) => w.step('a', handler), (w) => w.step('a', () => 2)],
    [
      'what undoes a step',
      (w) => w.step('a', handler, { compensate: handler }),
      (w) => w.step('a', handler, { compensate: () => 2 }),
    ],
    [
      'options of a step',
      (w) => w.step('a', handler),
      (w) =>
        w.step('a', handler, {
          maxAttempts: 9,
          backoff: () => 1,
          timeout: 5,
          transactional: true,
        }),
    ],
    ['durations', (w) => w.sleep('a', 1), (w) => w.sleep('a', '2d')],
    ['timeouts', (w) => w.waitForSignal('a', 's'), (w) => w.waitForSignal('a', 's', { timeout: '2d' })],
    ['the order of signals', (w) => w.waitForAny('a', ['s', 't']), (w) => w.waitForAny('a', ['t', 's'])],
    [
      'limits of a loop',
      (w) => w.loop('a', handler, { maxIterations: 1 }),
      (w) => w.loop('a', handler, { maxIterations: 2 }),
    ],
    [
      'concurrency',
      (w) => w.forEach('a', handler, { items: () => [] }),
      (w) => w.forEach('a', handler, { items: () => [], concurrency: 2 }),
    ],
    [
      "a child's version and close policy",
      (w) => w.childWorkflow('a', 's'),
      (w) => w.childWorkflow('a', 's', handler, { version: 2, parentClose: 'terminate' }),
    ],
    [
      'the order of branches',
      (w) => w.route('a', handler as never, { s: handler, t: handler }),
      (w) => w.route('a', handler as never, { t: handler, s: handler }),
    ],
  ])('does not change with %s', (_title, one, other) => {
    expect(hashOf(one)).toBe(hashOf(other));
  });
});

describe('the drawing', () => {
  it('shows every kind of node', () => {
    expect(planToMermaid(planToJson(everyNodeBuilder()))).toBe(
      lines(
        'flowchart TD',
        '  start(["every-node v2"])',
        '  n0["charge<br/>at most 5 attempts"]',
        '  n0 -.-> n0_undo["undo"]',
        '  n1["stock<br/>transaction: read committed"]',
        '  n2["book<br/>transaction: serializable"]',
        '  n2 -.-> n2_undo["undo"]',
        '  subgraph n3 ["notify<br/>parallel"]',
        '    n3_0["email<br/>at most 2 attempts"]',
        '    n3_1["text"]',
        '    n3_1 -.-> n3_1_undo["undo"]',
        '  end',
        '  n4{"shipping"}',
        '  n4_0["courier<br/>at most 4 attempts"]',
        '  n4 --> n4_0',
        '  n4_0 --> n4_end',
        '  n4_0 -.-> n4_0_undo["undo"]',
        '  n4_1["post<br/>one attempt"]',
        '  n4 --> n4_1',
        '  n4_1 --> n4_end',
        '  n4_end((" "))',
        '  n5[["import<br/>loop, at most 10"]]',
        '  n5 -.-> n5_undo["undo"]',
        '  n6[["pack<br/>for each item, 8 at a time"]]',
        '  n6 -.-> n6_undo["undo"]',
        '  n7(["coolingOff<br/>sleep 7d"])',
        '  n8(["newYear<br/>sleep until 2030-01-01T00:00:00.000Z"])',
        '  n9(["nextMorning<br/>sleep a computed time"])',
        '  n10{{"approval<br/>wait for signal approved<br/>at most 3d"}}',
        '  n11{{"paid<br/>wait for signal paid"}}',
        '  n12{{"delivered<br/>wait for a computed signal<br/>at most 1s"}}',
        '  n13{{"decision<br/>wait for any of accept, reject<br/>at most 7d"}}',
        '  n14[/"shipment<br/>child shipment v3"/]',
        '  n15[/"copy<br/>child shipment"/]',
        '  finish(["end"])',
        '  start --> n0',
        '  n0 --> n1',
        '  n1 --> n2',
        '  n2 --> n3',
        '  n3 --> n4',
        '  n4_end --> n5',
        '  n5 --> n6',
        '  n6 --> n7',
        '  n7 --> n8',
        '  n8 --> n9',
        '  n9 --> n10',
        '  n10 --> n11',
        '  n11 --> n12',
        '  n12 --> n13',
        '  n13 --> n14',
        '  n14 --> n15',
        '  n15 --> finish',
      ),
    );
  });

  it('escapes whatever names contain', () => {
    const workflow = durable('"]; click n0 <b> 漢').step('a"]-->x', handler);
    expect(planToMermaid(planToJson(workflow))).toBe(
      lines(
        'flowchart TD',
        '  start(["#34;#93;#59; click n0 #60;b#62; 漢 v1"])',
        '  n0["a#34;#93;--#62;x"]',
        '  finish(["end"])',
        '  start --> n0',
        '  n0 --> finish',
      ),
    );
  });
});

const lines = (...each: string[]) => `${each.join('\n')}\n`;

function hashOf(build: (workflow: DurableWorkflow) => unknown): string {
  const workflow = durable('w');
  build(workflow);
  return workflow.hash;
}
