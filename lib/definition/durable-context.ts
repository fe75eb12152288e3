import type { LoggerService } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ResultsOf } from './results-of.js';

/** Why a run is undone. The error is that of the unit that gave up: plain, with its name, message, code and step. */
export type CompensationCause =
  | { readonly type: 'failed'; readonly error: Error & { readonly code?: string; readonly step?: string } }
  | { readonly type: 'canceled'; readonly reason: string | null };

/**
 * What a step receives. One context belongs to one attempt; after the attempt has ended (returned, thrown, timed out or
 * lost its lease) its `abortSignal` is aborted and `heartbeat` rejects.
 *
 * @typeParam Input the run's input.
 * @typeParam W the workflow class, which types `results` by its methods: `DurableContext<Order, OrderWorkflow>`.
 *
 * @example
 * ```ts
 * @Step({ maxAttempts: 5 })
 * charge(ctx: DurableContext<Order>) {
 *   return this.payments.charge(ctx.input.total, { key: ctx.idempotencyKey, signal: ctx.abortSignal });
 * }
 * ```
 */
export interface DurableContext<Input = any, W = any> {
  /** What the run was started with: plain JSON data, a fresh copy for each attempt. */
  readonly input: Input;
  /** Results of every finished node by name: plain JSON data. A step that returned nothing has `null`. */
  readonly results: ResultsOf<W>;
  /** The run's UUIDv7. */
  readonly runId: string;
  /** The attempt in progress, 1-based. A delivery after a crash repeats the attempt's number. */
  readonly attempt: number;
  /** The node's name; `group.branch` in a branch, `loop#3` in an iteration or item, `undo:step` in a compensation. */
  readonly stepName: string;
  readonly workflow: { readonly name: string; readonly version: number };
  /**
   * `<runId>:<stepName>`: the same in every attempt and every process. Hand it to the services that you call. Once the
   * step was undone, and an operator has it done again, the second deed has the key `<runId>#2:<stepName>`.
   */
  readonly idempotencyKey: string;
  /**
   * The key of another step, branch or item (`charge`, `notify.email`, `pack#3`) as it was done last: a compensation tells
   * a service by it what to undo.
   *
   * @throws InvalidOptionError when the plan has no such node.
   */
  idempotencyKeyOf(step: string): string;
  /** Why what was done is undone; `undefined` where nothing is. */
  readonly cause: CompensationCause | undefined;
  /** Aborted when the attempt times out, the run is canceled, the lease is lost, or the process shuts down. */
  readonly abortSignal: AbortSignal;
  /** The result of a finished node, or the payload of a received signal; `undefined` when there is none. */
  signal<T = unknown>(name: string): T | undefined;
  /** What `runner.resume(runId, data)` brought to a suspended step; `undefined` on its first entry. */
  resumeData<T = unknown>(): T | undefined;
  /** What the latest `heartbeat` of this step stored, in this attempt or an earlier one; `undefined` when none did. */
  readonly progress: unknown;
  /**
   * Stores `progress` durably, so that a later attempt can go on from it.
   *
   * @throws LeaseLostError when another worker has taken the run over.
   * @throws InvalidPayloadError when `progress` is not plain JSON data.
   */
  heartbeat(progress?: unknown): Promise<void>;
  /**
   * The `EntityManager` of the step's own transaction, which also holds the journal row.
   *
   * @throws NotTransactionalError outside a step that is declared `transactional`, and its compensation.
   */
  readonly manager: EntityManager;
  /** A logger that prefixes the workflow, run and step. */
  readonly logger: LoggerService;
}
