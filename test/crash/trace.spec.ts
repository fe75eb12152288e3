// Covers the trace of a run that three processes had a part in, one of which was killed. What single spans say is in
// test/integration/observability/tracing.spec.ts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { TracedProcess, type WrittenSpan } from '../support/traced-app/traced-process.js';

let database: TestDatabase;
let folder: string;
const processes: TracedProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'traces-'));
});

afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function start(settings: { name: string; starts?: boolean; hangs?: boolean }): Promise<TracedProcess> {
  const started = await TracedProcess.start({ url: database.url, file: path.join(folder, 'spans'), ...settings });
  processes.push(started);
  return started;
}

function spans(): WrittenSpan[] {
  const lines = readFileSync(path.join(folder, 'spans'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as WrittenSpan);
}

it('is one connected tree, though one process started the run, another died in it and a third finished it', async () => {
  const first = await start({ name: 'first', starts: true });
  first.send({ type: 'start' });
  const { runId } = await first.says('started');
  await first.stop();
  const second = await start({ name: 'second', hangs: true });
  await second.says('hanging');
  await second.kill();
  const third = await start({ name: 'third' });
  third.send({ type: 'await', runId });
  await third.says('ended');
  await third.stop();

  const [root] = spans().filter(({ name }) => name === 'POST /orders');
  const ofRun = spans().filter(({ traceId }) => traceId === root.traceId);
  const parentOf = ({ parentSpanId }: WrittenSpan): WrittenSpan | undefined =>
    ofRun.find(({ spanId }) => spanId === parentSpanId);
  expect(ofRun.filter((span) => !parentOf(span))).toEqual([root]);
  expect(ofRun.map((span) => [span.process, span.name, parentOf(span)?.name])).toEqual([
    ['first', 'start order', 'POST /orders'],
    ['first', 'POST /orders', undefined],
    ['second', 'call the bank', 'order.charge'],
    ['second', 'order.charge', 'start order'],
    ['third', 'call the courier', 'order.ship'],
    ['third', 'order.ship', 'start order'],
    ['third', 'order.invoice', 'start order'],
    ['third', 'order.rest', 'start order'],
    ['third', 'order.close', 'start order'],
    ['third', 'order', 'start order'],
  ]);

  const ofChild = spans().filter(({ traceId }) => traceId !== root.traceId);
  // It may have been taken up before the span of its start has ended.
  const [started] = ofChild.filter(({ name }) => name === 'start invoice');
  expect(ofChild.filter((span) => span !== started).map(({ name }) => name)).toEqual([
    ...['print', 'invoice.print', 'invoice'],
  ]);
  expect(new Set(ofChild.map(({ traceId }) => traceId)).size).toBe(1);
  const bearer = ofRun.find(({ name }) => name === 'order.invoice')!;
  expect(bearer.links).toEqual([{ traceId: started.traceId, spanId: started.spanId }]);
  expect(started.links).toEqual([{ traceId: root.traceId, spanId: bearer.spanId }]);
});
