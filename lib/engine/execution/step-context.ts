import { Logger, type LoggerService } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { fromStoredError } from '../../common/stored-error.js';
import type { CompensationCause, DurableContext } from '../../definition/durable-context.js';
import { parseKey } from '../../definition/journal-key.js';
import { NotTransactionalError } from '../../errors/index.js';
import type { AttemptControl } from './attempt-control.js';
import { originalError } from './compensation.js';
import { assertUnit, idempotencyKeyOf } from './idempotency-key.js';
import type { RunSession } from './run-session.js';
import type { Unit } from './unit.js';

/** Stores heartbeat details; rejects with LeaseLostError or InvalidPayloadError. */
export interface ProgressSink {
  store(session: RunSession, key: string, progress: unknown): Promise<void>;
}

export interface StepContextParts {
  readonly session: RunSession;
  readonly unit: Unit;
  readonly attempt: number;
  readonly control: AttemptControl;
  readonly manager: EntityManager | null;
  readonly progress: ProgressSink;
}

/** Remembers a value that is made on first use; `undefined` is a value too. */
const UNREAD = Symbol('unread');

/** {@link DurableContext} of one attempt. Payloads are parsed when they are read, anew in every attempt. */
export class StepContext implements DurableContext<unknown, unknown> {
  private readonly parts: StepContextParts;
  private parsedInput: unknown = UNREAD;
  private resultsView: Record<string, unknown> | null = null;

  constructor(parts: StepContextParts) {
    this.parts = parts;
  }

  get input(): unknown {
    if (this.parsedInput === UNREAD) this.parsedInput = JSON.parse(this.parts.session.input);
    return this.parsedInput;
  }

  get results(): Record<string, unknown> {
    this.resultsView ??= this.parts.session.results.view();
    return this.resultsView;
  }

  get runId(): string {
    return this.parts.session.id;
  }

  get attempt(): number {
    return this.parts.attempt;
  }

  get stepName(): string {
    return this.parts.unit.key;
  }

  get workflow(): { readonly name: string; readonly version: number } {
    const { name, version } = this.parts.session.workflow;
    return { name, version };
  }

  get idempotencyKey(): string {
    return idempotencyKeyOf(this.parts.session, this.parts.unit.key);
  }

  idempotencyKeyOf(step: string): string {
    assertUnit(this.parts.session, step);
    return idempotencyKeyOf(this.parts.session, step);
  }

  get cause(): CompensationCause | undefined {
    const { unit, session } = this.parts;
    if (parseKey(unit.key).phase !== 'undo') return undefined;
    if (session.cancel) return { type: 'canceled', reason: session.cancel.reason };
    const error = originalError(session);
    return error ? { type: 'failed', error: fromStoredError(error) } : undefined;
  }

  get abortSignal(): AbortSignal {
    return this.parts.control.signal;
  }

  signal<T = unknown>(name: string): T | undefined {
    const { unit, session } = this.parts;
    if (unit.resumed && name === unit.key) return JSON.parse(unit.resumed.suspension) as T;
    if (name in this.results) return this.results[name] as T;
    const wait = session.workflow.steps.find((node) => node.type === 'waitForSignal' && node.signal === name);
    return wait && (this.results[wait.name] as T | undefined);
  }

  resumeData<T = unknown>(): T | undefined {
    const { resumed } = this.parts.unit;
    return resumed && (JSON.parse(resumed.data) as T);
  }

  get progress(): unknown {
    const text = this.parts.session.progressOf(this.parts.unit.key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async heartbeat(progress?: unknown): Promise<void> {
    this.parts.control.signal.throwIfAborted();
    await this.parts.progress.store(this.parts.session, this.parts.unit.key, progress);
  }

  get manager(): EntityManager {
    if (!this.parts.manager) throw new NotTransactionalError(this.stepName);
    return this.parts.manager;
  }

  get logger(): LoggerService {
    const { name } = this.parts.session.workflow;
    return new Logger(`${name} ${this.stepName} ${this.runId}`);
  }
}
