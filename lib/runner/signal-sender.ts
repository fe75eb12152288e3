import { isRunId, newId } from '../common/ids.js';
import { serializePayload } from '../common/json-payload.js';
import { assertIdempotencyKey } from '../common/names.js';
import { isResumeSignal } from '../definition/journal-key.js';
import { validated } from '../definition/standard-schema.js';
import { InvalidOptionError, RunNotFoundError } from '../errors/index.js';
import type { LocatedRun, RunAddress } from '../storage/contract/run-admin.contract.js';
import { OrderReporter } from './order-reporter.js';
import type { Accepted, SignalOptions, SignalTarget } from './run-options.interface.js';
import type { RunnerBackend } from './runner-backend.interface.js';
import { mayValidate, schemaFor, signalNameOf } from './signal-wait.js';
import { referenceOf } from './workflow-reference.js';

const TARGETS = 'the id of a run, or { workflow, idempotencyKey }';

/** Stores signals, and tells who waits for them; checks before what the wait's validator says. */
export class SignalSender {
  private readonly reports: OrderReporter;

  constructor(private readonly backend: RunnerBackend) {
    this.reports = new OrderReporter(backend);
  }

  /**
   * @param given the signal's name; with a class, also the property that waits for it.
   * @throws SchemaMismatchError, InvalidPayloadError before anything is written; RunNotFoundError.
   */
  async signal(target: SignalTarget, given: string, payload: unknown, options: SignalOptions): Promise<Accepted> {
    const address = addressOf(target);
    await this.backend.ready();
    let found: Promise<LocatedRun> | undefined;
    const locate = (): Promise<LocatedRun> => (found ??= this.locate(address, options));
    const name = await this.nameOf(target, given, locate);
    const where = `payload of signal "${name}"`;
    if (!this.mayValidate(target, name)) return this.send(address, name, payload, { ...options, where });
    const run = await locate();
    const workflow = this.backend.registry.find(run.workflow, run.version);
    const schema = workflow && schemaFor(workflow, name, run);
    return this.send(address, name, await validated(schema, payload, where), { ...options, where });
  }

  /** @throws InvalidPayloadError before anything is written; RunNotFoundError. */
  async resume(runId: string, data: unknown, by: string | undefined): Promise<Accepted> {
    const run = await this.backend.admin.find(runId);
    if (!run) throw new RunNotFoundError(runId);
    const name = run.awaiting?.find(isResumeSignal);
    if (name === undefined) return { accepted: false, status: run.status };
    const resumed = await this.send({ runId }, name, data, { where: 'data of resume', by });
    this.reports.acted('resume', { runId, by, accepted: resumed.accepted });
    return resumed;
  }

  private async send(
    target: RunAddress,
    name: string,
    payload: unknown,
    { where, manager, id: dedupeId, by }: SignalOptions & { readonly where: string },
  ): Promise<Accepted> {
    const text = serializePayload(payload, { where, limit: this.backend.defaults.payloadLimit });
    const signal = { id: newId(), target, name, payload: text, dedupeId: dedupeId ?? null, by: by ?? null };
    let wake: () => void = () => undefined;
    const outcome = await this.backend.admin.signal(signal, manager && { manager, onCommitted: () => wake() });
    if (!outcome) throw notFound(target);
    const { runId, accepted, stored, status, queue } = outcome;
    const sent = (): void => {
      if (stored) this.reports.signaled({ runId, signal: name, accepted });
      if (by !== undefined && !isResumeSignal(name)) this.reports.acted('signal', { runId, by, accepted });
      if (accepted) this.backend.wakeQueue(queue);
    };
    if (manager) wake = sent;
    else sent();
    return { accepted, status };
  }

  /** A class's properties may be named instead of their signals. */
  private nameOf(target: SignalTarget, given: string, locate: () => Promise<LocatedRun>): string | Promise<string> {
    if (typeof target === 'string' || typeof target.workflow === 'string') return given;
    const { name, version } = referenceOf(target.workflow);
    const workflow = this.backend.registry.find(name, version);
    return workflow ? signalNameOf(workflow, given, locate) : given;
  }

  /** Most signals are validated by nobody: then the run need not be looked at. */
  private mayValidate(target: SignalTarget, name: string): boolean {
    const only = typeof target === 'string' ? null : referenceOf(target.workflow).name;
    return this.backend.registry
      .all()
      .some((workflow) => (only === null || workflow.name === only) && mayValidate(workflow, name));
  }

  private async locate(address: RunAddress, { manager }: SignalOptions): Promise<LocatedRun> {
    const run = await this.backend.admin.locate(address, manager);
    if (!run) throw notFound(address);
    return run;
  }
}

function addressOf(target: SignalTarget): RunAddress {
  if (typeof target === 'string') return byId(target);
  if (typeof target !== 'object' || target === null) {
    throw new InvalidOptionError('target of signal', target, TARGETS);
  }
  if ('runId' in target) return byId(target.runId);
  assertIdempotencyKey(target.idempotencyKey);
  return { workflow: referenceOf(target.workflow).name, idempotencyKey: target.idempotencyKey };
}

/** A malformed id is that of no run; the database would refuse it with a message about UUIDs. */
function byId(runId: string): RunAddress {
  if (!isRunId(runId)) throw new RunNotFoundError(String(runId));
  return { runId };
}

function notFound(address: RunAddress): RunNotFoundError {
  if ('runId' in address) return new RunNotFoundError(address.runId);
  return new RunNotFoundError(address.idempotencyKey, address.workflow);
}
