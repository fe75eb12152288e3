/**
 * Covers: what spans of runs say, whom they hang on, and that recorders that are missing or broken disturb nothing. That
 * the trace of a run stays one across processes and crashes is in test/crash/trace.spec.ts.
 */
import { context, trace, TraceFlags, type Span } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { durable } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();
const exporter = new InMemorySpanExporter();

function record(options: { processor?: SpanProcessor; sampler?: Sampler } = {}): void {
  const { processor = new SimpleSpanProcessor(exporter), sampler = undefined } = options;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [processor], sampler }));
}

afterEach(() => {
  trace.disable();
  context.disable();
  exporter.reset();
});

const spans = (): ReadableSpan[] => exporter.getFinishedSpans();
const span = (name: string): ReadableSpan => spans().find((one) => one.name === name)!;

function order() {
  return durable('order')
    .step('charge', () => trace.getActiveSpan()?.spanContext().spanId ?? null, { compensate: () => null })
    .forEach('pack', (item) => item, { items: () => [1, 2], concurrency: 1 })
    .step('ship', () => Promise.reject(new RangeError('no courier')), { maxAttempts: 1 });
}

it('says of each span which run, step and attempt it is of, and what came of it', async () => {
  record();
  const { runner, testing } = await apps.bootVirtual({ workflows: [order()] });
  const run = await runner.start('order', null);
  await testing.drain();

  const names = spans().map(({ name }) => name);
  // The run may go on before the caller hears that it was stored.
  expect(names.filter((name) => name !== 'start order')).toEqual([
    ...['order.charge', 'order.items:pack', 'order.pack', 'order.pack'],
    ...['order.ship', 'order.undo:charge', 'order'],
  ]);
  expect(names.filter((name) => name === 'start order')).toHaveLength(1);
  const ofRun = { 'durable.run.id': run.id, 'durable.workflow': 'order', 'durable.workflow.version': 1 };
  expect(span('start order').attributes).toEqual(ofRun);
  expect(span('order.ship')).toMatchObject({
    attributes: { ...ofRun, 'durable.step': 'ship', 'durable.attempt': 1, 'durable.outcome': 'failed' },
    status: { code: 2, message: 'no courier' },
    events: [{ name: 'exception', attributes: { 'exception.type': 'RangeError' } }],
  });
  expect(spans().map((one) => one.attributes['durable.step'])).toEqual(
    expect.arrayContaining(['pack#0', 'pack#1', 'undo:charge']),
  );
  expect(span('order')).toMatchObject({ attributes: { ...ofRun, 'durable.status': 'failed' }, status: { code: 2 } });
  const results = await runner.journal(run.id);
  expect(results.find(({ key }) => key === 'charge')?.result).toBe(span('order.charge').spanContext().spanId);
});

it.each(['cancel', 'terminate'] as const)('records the whole of a run that %s ends without a worker', async (order) => {
  record();
  const { runner } = await apps.bootVirtual({ workflows: [durable('letter').step('send', () => 1)] });
  const run = await runner.start('letter', null, { delay: '1h' });
  await runner[order](run.id, 'out of stamps');

  const whole = spans().filter(({ name }) => name === 'letter');
  expect(whole).toHaveLength(1);
  expect(whole[0].attributes).toMatchObject({ 'durable.run.id': run.id, 'durable.status': 'canceled' });
  expect(whole[0].parentSpanContext?.spanId).toBe(span('start letter').spanContext().spanId);
});

it('makes a trace of each run, in that of the caller where there is one', async () => {
  record();
  const { runner, testing } = await apps.bootVirtual({ workflows: [durable('order').step('charge', () => 1)] });
  await runner.startMany('order', [1, 2]);
  await trace.getTracer('app').startActiveSpan('POST', async (caller: Span) => {
    await runner.start('order', 3);
    caller.end();
  });
  await testing.drain();

  const traces = spans()
    .filter(({ name }) => name === 'order.charge')
    .map((one) => one.spanContext().traceId);
  expect(new Set(traces).size).toBe(3);
  expect(traces).toContain(span('POST').spanContext().traceId);
});

it('follows the sampler that decided at the start', async () => {
  record({ sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }) });
  const { runner, testing } = await apps.bootVirtual({ workflows: [durable('order').step('charge', () => 1)] });
  const run = await runner.start('order', null);
  await testing.drain();

  expect((await runner.find(run.id)).status).toBe('completed');
  expect(spans()).toEqual([]);
  expect((await apps.runRow(run.id)).trace).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});

it('gives a run whose start nobody recorded the trace that its id says', async () => {
  const { runner, testing } = await apps.bootVirtual({ workflows: [durable('order').step('charge', () => 1)] });
  const run = await runner.start('order', null, { delay: '1m' });
  record();
  await testing.advance('2m');

  expect((await apps.runRow(run.id)).trace).toBeNull();
  const traceId = run.id.replaceAll('-', '');
  expect(span('order.charge').parentSpanContext).toMatchObject({ traceId, traceFlags: TraceFlags.SAMPLED });
  expect(span('order').spanContext().traceId).toBe(traceId);
});

it('is not disturbed by a recorder that throws', async () => {
  const fail = (): never => {
    throw new Error('recorder is broken');
  };
  record({ processor: { onStart: fail, onEnd: fail, forceFlush: fail, shutdown: fail } });
  const child = durable('child').step('work', () => 1);
  const { runner, testing } = await apps.bootVirtual({
    workflows: [
      durable('order')
        .step('charge', () => 1)
        .childWorkflow('child', 'child'),
      child,
    ],
  });
  const run = await runner.start('order', null);
  await testing.drain();

  expect((await runner.find(run.id)).status).toBe('completed');
});

it('records nothing with tracing: false', async () => {
  record();
  const { runner, testing } = await apps.bootVirtual({
    workflows: [durable('order').step('charge', () => 1)],
    tracing: false,
  });
  await runner.start('order', null);
  await testing.drain();
  expect(spans()).toEqual([]);
});
