/** Covers the values that options of nodes can and cannot have. Mistakes of structure: `durable-workflow.spec.ts`. */
import { durable, type DurableWorkflow } from '../../../lib/definition/durable-workflow.js';

const handler = () => 1;
const step = (options: object) => (w: DurableWorkflow) => w.step('a', handler, options);
const loop = (options: object) => (w: DurableWorkflow) => w.loop('a', handler, { maxIterations: 1, ...options });
const forEach = (options: object) => (w: DurableWorkflow) => w.forEach('a', handler, { items: () => [], ...options });
const sleep = (duration: unknown) => (w: DurableWorkflow) => w.sleep('a', duration as string);
const signal = (options: object) => (w: DurableWorkflow) => w.waitForSignal('a', 's', options);
const any = (options: object) => (w: DurableWorkflow) => w.waitForAny('a', ['s'], options);
const child = (options: object) => (w: DurableWorkflow) => w.childWorkflow('a', 'child', undefined, options);

const ATTEMPTS = 'expected an integer from 1 to 10000';
const COUNT = 'expected an integer from 1 to 2147483647';

it.each<[(w: DurableWorkflow) => unknown, string]>([
  [step({ maxAttempts: 0 }), `maxAttempts of …: got 0, ${ATTEMPTS}.`],
  [step({ maxAttempts: -1 }), `maxAttempts of …: got -1, ${ATTEMPTS}.`],
  [step({ maxAttempts: 2.5 }), `maxAttempts of …: got 2.5, ${ATTEMPTS}.`],
  [step({ maxAttempts: Infinity }), `maxAttempts of …: got Infinity, ${ATTEMPTS}.`],
  [step({ maxAttempts: '3' }), `maxAttempts of …: got "3", ${ATTEMPTS}.`],
  [step({ maxAttempts: null }), `maxAttempts of …: got null, ${ATTEMPTS}.`],
  [step({ backoff: 5 }), 'backoff of …: got 5, expected a function.'],
  [step({ retryIf: 'TimeoutError' }), 'retryIf of …: got "TimeoutError", expected a function.'],
  [step({ compensate: 'undo' }), 'compensate of …: got "undo", expected a function.'],
  [
    step({ transactional: 'serializable' }),
    'transactional of …: got "serializable", expected one of false, true, "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE".',
  ],
  [loop({ maxIterations: 0 }), `maxIterations of …: got 0, ${COUNT}.`],
  [loop({ maxIterations: undefined }), `maxIterations of …: got undefined, ${COUNT}.`],
  [loop({ until: true }), 'until of …: got true, expected a function.'],
  [loop({ while: 1 }), 'while of …: got 1, expected a function.'],
  [
    forEach({ items: undefined }),
    'items of …: got undefined, expected a function of the context that returns an array.',
  ],
  [forEach({ items: [] }), 'items of …: got an array, expected a function.'],
  [forEach({ concurrency: 2 ** 31 }), `concurrency of …: got 2147483648, ${COUNT}.`],
  [signal({ schema: {} }), 'schema of …: got an object, expected a Standard Schema (zod, valibot, arktype, …).'],
  [any({ schemas: { t: {} } }), 'schemas.t of …: got an object, expected a schema of one of its signals: s.'],
  [any({ schemas: { s: 1 } }), 'schemas.s of …: got 1, expected a Standard Schema (zod, valibot, arktype, …).'],
  [child({ version: 0 }), `version of …: got 0, ${COUNT}.`],
  [child({ parentClose: 'wait' }), 'parentClose of …: got "wait", expected one of "cancel", "abandon", "terminate".'],
])('refuses an option: %#', (declare, message) => {
  expect(() => declare(durable('w'))).toThrow(`Invalid option ${message.replace('…', 'node "a" of workflow "w"')}`);
});

it.each<[(w: DurableWorkflow) => unknown, string]>([
  [step({ timeout: -1 }), 'timeout of node "a" of workflow "w": got -1, expected 0 or more milliseconds.'],
  [step({ timeout: 0 }), 'timeout of node "a" of workflow "w": got 0, expected at least one millisecond.'],
  [step({ timeout: NaN }), 'timeout of node "a" of workflow "w": got NaN'],
  [step({ timeout: '5 minutes' }), 'timeout of node "a" of workflow "w": got "5 minutes"'],
  [step({ timeout: new Date() }), 'timeout of node "a" of workflow "w": got a Date'],
  [sleep(-5), 'node "a" of workflow "w": got -5, expected 0 or more milliseconds.'],
  [sleep(undefined), 'node "a" of workflow "w": got undefined'],
  [sleep(new Date(NaN)), 'node "a" of workflow "w": got a Date, expected a valid Date.'],
  [signal({ timeout: 'soon' }), 'timeout of node "a" of workflow "w": got "soon"'],
])('refuses a duration: %#', (declare, message) => {
  expect(() => declare(durable('w'))).toThrow(`Invalid duration for ${message}`);
});

it.each<[(w: DurableWorkflow) => unknown, string]>([
  [
    step({ maxAttemps: 3 }),
    'Unknown option maxAttemps of node "a" of workflow "w". Did you mean maxAttempts? The options here are: maxAttempts, backoff, timeout, retryIf, compensate, transactional.',
  ],
  [signal({ timeoutMs: 3 }), 'Unknown option timeoutMs of node "a" of workflow "w". Did you mean timeout?'],
  [(w) => w.parallel('a', [{ name: 'b', handler }], { compensate: handler } as object), 'Unknown option compensate'],
])('refuses an option that it does not have: %#', (declare, message) => {
  expect(() => declare(durable('w'))).toThrow(message);
});

it.each([5, null, 'fast'])('refuses %p instead of options', (options) => {
  expect(() => durable('w').step('a', handler, options as never)).toThrow(
    /^Invalid option options of node "a" of workflow "w": got .*, expected an object\.$/,
  );
});

it('accepts the limits', () => {
  const workflow = durable('w')
    .step('a', handler, { maxAttempts: 10_000, timeout: 1 })
    .sleep('b', 0)
    .waitForSignal('c', 's', { timeout: 0 })
    .waitForSignal('d', 's', { timeout: new Date('2030-01-01') })
    .forEach('e', handler, { items: () => [], concurrency: 2 ** 31 - 1 });
  expect(workflow.steps).toHaveLength(5);
});
