import type { Attributes, Context, Span, SpanContext, Tracer, TracerProvider } from '@opentelemetry/api';
import { timeOfId } from '../common/ids.js';
import { parseKey } from '../definition/journal-key.js';
import type { AttemptSpan, RunEnd, StartSpan, TracedRun, Tracing } from './tracing.interface.js';

export type OpenTelemetryApi = typeof import('@opentelemetry/api');

/** What spans of this package say that they are made by. */
const INSTRUMENTATION = 'nest-durable';
/** W3C `traceparent`, then, behind a space, `tracestate` where there is one. */
const TRACE = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?: (.*))?$/;
/** What the standard asks everybody to pass on. https://www.w3.org/TR/trace-context/#tracestate-limits */
const STATE_LIMIT = 512;

/**
 * Spans of runs, by OpenTelemetry.
 *
 * One trace a run, however many processes execute it and however long it takes. Its root, or its place in the caller's
 * trace, is the span of the start, which is recorded when the start is; its context stands on the run's row. Attempts hang
 * on it, wherever they are made, and so does the span of the whole run, which whoever ends the run records with the time of
 * its start. No span is open while a run waits, so none is lost with a process but those of the attempts that die with it.
 *
 * The API is given, not imported: it is an optional peer. Recorders are the application's; what they throw is dropped.
 */
export class OpenTelemetryTracing implements Tracing {
  constructor(private readonly api: OpenTelemetryApi) {}

  start(run: Omit<TracedRun, 'trace'>): StartSpan | null {
    return this.guarded((tracer) => {
      const { api } = this;
      const options = { kind: api.SpanKind.PRODUCER, attributes: attributesOf(run) };
      return this.startSpan(tracer.startSpan(`start ${run.workflow}`, options, api.context.active()));
    });
  }

  startChild(child: Omit<TracedRun, 'trace'>, parent: TracedRun): StartSpan | null {
    return this.guarded((tracer) => {
      const { api } = this;
      const active = api.trace.getActiveSpan();
      const links = [{ context: active?.spanContext() ?? this.contextOf(parent), attributes: attributesOf(parent) }];
      const options = { kind: api.SpanKind.PRODUCER, attributes: attributesOf(child), links, root: true };
      const span = tracer.startSpan(`start ${child.workflow}`, options, api.ROOT_CONTEXT);
      active?.addLink({ context: span.spanContext(), attributes: attributesOf(child) });
      return this.startSpan(span);
    });
  }

  attempt(run: TracedRun, step: string, attempt: number): AttemptSpan | null {
    return this.guarded((tracer) => {
      const attributes = { ...attributesOf(run), 'durable.step': step, 'durable.attempt': attempt };
      const parent = this.parentOf(run);
      const span = tracer.startSpan(`${run.workflow}.${unnumbered(step)}`, { attributes }, parent);
      const active = this.api.trace.setSpan(parent, span);
      return {
        run: (call) => this.api.context.with(active, call),
        end: (outcome, error) => {
          this.end(span, outcome === 'failed' ? error : undefined, { 'durable.outcome': outcome });
        },
      };
    });
  }

  ended(run: TracedRun, { status, error }: RunEnd): void {
    this.guarded((tracer) => {
      const attributes = { ...attributesOf(run), 'durable.status': status };
      const startTime = timeOfId(run.id);
      const span = tracer.startSpan(run.workflow, { attributes, startTime }, this.parentOf(run));
      this.end(span, error ?? undefined);
      return null;
    });
  }

  /** `null` while no recorder is registered; asked each time, as one may be registered at any time. */
  private tracer(): Tracer | null {
    const provider: TracerProvider & Partial<InstanceType<OpenTelemetryApi['ProxyTracerProvider']>> =
      this.api.trace.getTracerProvider();
    if (provider.getDelegateTracer) return provider.getDelegateTracer(INSTRUMENTATION) ?? null;
    return provider.getTracer(INSTRUMENTATION);
  }

  private guarded<T>(record: (tracer: Tracer) => T): T | null {
    try {
      const tracer = this.tracer();
      return tracer === null ? null : record(tracer);
    } catch {
      return null;
    }
  }

  private startSpan(span: Span): StartSpan | null {
    const context = span.spanContext();
    if (!this.api.isSpanContextValid(context)) return null;
    return { trace: textOf(context), end: (error) => this.end(span, error) };
  }

  private end(span: Span, error: unknown, attributes: Attributes = {}): void {
    try {
      span.setAttributes(attributes);
      if (error !== undefined) {
        const { name, message } = error as { readonly name?: string; readonly message?: string };
        span.recordException({ name: String(name ?? 'Error'), message: String(message ?? error) });
        span.setStatus({ code: this.api.SpanStatusCode.ERROR, message: String(message ?? error) });
      }
      span.end();
    } catch {
      // A recorder that fails is the application's matter, and no reason to fail a step.
    }
  }

  private parentOf(run: TracedRun): Context {
    return this.api.trace.setSpanContext(this.api.ROOT_CONTEXT, this.contextOf(run));
  }

  /** A run whose start nobody recorded has a trace all the same: its ids follow from the run's, in every process. */
  private contextOf({ id, trace }: TracedRun): SpanContext {
    const [, traceId, spanId, flags, state] = TRACE.exec(trace ?? '') ?? [];
    const hex = id.replaceAll('-', '');
    if (traceId === undefined) {
      return { traceId: hex, spanId: hex.slice(16), traceFlags: this.api.TraceFlags.SAMPLED, isRemote: true };
    }
    const traceState = state === undefined ? {} : { traceState: this.api.createTraceState(state) };
    return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, ...traceState };
  }
}

function textOf({ traceId, spanId, traceFlags, traceState }: SpanContext): string {
  const parent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const state = traceState?.serialize() ?? '';
  return state === '' || state.length > STATE_LIMIT ? parent : `${parent} ${state}`;
}

function attributesOf({ id, workflow, version }: Omit<TracedRun, 'trace'>): Attributes {
  return { 'durable.run.id': id, 'durable.workflow': workflow, 'durable.workflow.version': version };
}

/** Names of spans are few: without the number of an item or iteration. */
function unnumbered(step: string): string {
  return parseKey(step).index === null ? step : step.replace(/#\d+/, '');
}
