import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

/**
 * One process whose spans go to a file, line by line, as they end. With `starts` it starts a run within a span of its own
 * and has no worker; with `hangs` its second step never ends.
 */
const { code, url, file, name, starts = false, hangs = false } = JSON.parse(process.env.TRACED_APP);

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

class FileExporter extends InMemorySpanExporter {
  export(spans, done) {
    super.export(spans, done);
    for (const span of this.getFinishedSpans()) {
      const { traceId, spanId } = span.spanContext();
      const links = span.links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId }));
      const parentSpanId = span.parentSpanContext?.spanId ?? null;
      const { attributes, status } = span;
      const line = { process: name, name: span.name, traceId, spanId, parentSpanId, links, attributes, status };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    }
    this.reset();
  }
}

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new FileExporter())] }),
);
const tracer = trace.getTracer('the application');

const { durable, DurableModule, DurableRunner } = await import(pathToFileURL(path.join(code, 'lib/index.js')).href);

const inner = (what) => tracer.startActiveSpan(what, (span) => span.end());
const order = durable('order')
  .step('charge', async () => inner('call the bank'))
  .step('ship', async () => {
    if (hangs) {
      process.send({ type: 'hanging' });
      await new Promise(() => undefined);
    }
    inner('call the courier');
  })
  .childWorkflow('invoice', 'invoice')
  .sleep('rest', 50)
  .step('close', () => 'closed');
const invoice = durable('invoice').step('print', async () => inner('print'));

class App {}
Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true, retryAttempts: 0 }),
    DurableModule.forRoot({ worker: starts ? false : {} }),
  ],
  providers: [order, invoice].map((plan) => ({ provide: plan.name, useValue: plan })),
})(App);

const app = await NestFactory.createApplicationContext(App, { abortOnError: false });
process.on('message', async ({ type, runId }) => {
  if (type === 'start') {
    const run = await tracer.startActiveSpan('POST /orders', async (span) => {
      const started = await app.get(DurableRunner).start('order', null);
      span.end();
      return started;
    });
    process.send({ type: 'started', runId: run.id });
  }
  if (type === 'await') {
    await app.get(DurableRunner).result(runId);
    process.send({ type: 'ended' });
  }
  if (type === 'stop') {
    await app.close();
    process.disconnect();
  }
});
process.send({ type: 'ready' });
