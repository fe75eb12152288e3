/** The full text, code and fields of every error. Recognition across copies: durable-error.spec.ts. */
import * as errors from '../../../lib/errors/index.js';
import type { DurableError } from '../../../lib/errors/index.js';

const RUN = '0198c5f0-0000-7000-8000-000000000001';

const stored = { name: 'CardDeclined', message: 'The card was declined', code: 'card_declined', step: 'charge' };

const MESSAGES: [error: DurableError, code: string, message: string][] = [
  [
    new errors.InvalidOptionError('worker.concurrency', 0, 'an integer from 1 to 10000'),
    'DURABLE_INVALID_OPTION',
    'Invalid option worker.concurrency: got 0, expected an integer from 1 to 10000.',
  ],
  [
    new errors.UnknownOptionError('concurency', ['schema', 'worker'], 'worker.concurrency'),
    'DURABLE_UNKNOWN_OPTION',
    'Unknown option concurency. Did you mean worker.concurrency? The options here are: schema, worker.',
  ],
  [
    new errors.UnknownOptionError('url', ['schema', 'worker'], undefined),
    'DURABLE_UNKNOWN_OPTION',
    'Unknown option url. The options here are: schema, worker.',
  ],
  [
    new errors.DashboardUnguardedError(),
    'DURABLE_DASHBOARD_UNGUARDED',
    'The dashboard has no guards, so it is not mounted: everybody who reaches the application could read every run. Name ' +
      'what lets people in: DurableDashboardModule.forRoot({ guards: [AdminGuard] }), where AdminGuard is a class with ' +
      '`canActivate(context)`; where it injects something, name its module in `imports`.',
  ],
  [
    new errors.InvalidDurationError('3 fortnights', 'sleep "coolingOff"'),
    'DURABLE_INVALID_DURATION',
    'Invalid duration for sleep "coolingOff": got "3 fortnights", expected a duration such as "30s", or milliseconds.',
  ],
  [
    new errors.InvalidNameError('node name', 'a.b', 'it must not contain "."'),
    'DURABLE_INVALID_NAME',
    'Invalid node name "a.b": it must not contain ".".',
  ],
  [
    new errors.WorkflowDefinitionError(['OrderWorkflow.charge has no body.', 'OrderWorkflow has no steps.']),
    'DURABLE_WORKFLOW_DEFINITION',
    'The workflows of this process have 2 mistakes:\n  1. OrderWorkflow.charge has no body.\n  2. OrderWorkflow has no steps.',
  ],
  [
    new errors.WorkflowDefinitionError(['OrderWorkflow has no steps.']),
    'DURABLE_WORKFLOW_DEFINITION',
    'The workflows of this process have one mistake:\n  1. OrderWorkflow has no steps.',
  ],
  [
    new errors.WorkflowNotRegisteredError('ordr', 2, ['order@1', 'order@2']),
    'DURABLE_WORKFLOW_NOT_REGISTERED',
    'Workflow "ordr" version 2 is not registered in this process (registered: order@1, order@2). Add its class to the ' +
      'providers of a module that this process loads, or register its builder in the WorkflowRegistry.',
  ],
  [
    new errors.WorkflowNotRegisteredError('order', undefined, []),
    'DURABLE_WORKFLOW_NOT_REGISTERED',
    'Workflow "order" is not registered in this process (registered: none). Add its class to the ' +
      'providers of a module that this process loads, or register its builder in the WorkflowRegistry.',
  ],
  [
    new errors.InvalidPayloadError('input of workflow "order"', '$.lines[2].price', 'is a BigInt', 'Use a string'),
    'DURABLE_INVALID_PAYLOAD',
    'Cannot store the input of workflow "order": $.lines[2].price is a BigInt. Use a string.',
  ],
  [
    new errors.PayloadTooLargeError('result of step "export"', 2_097_154, 1_048_576),
    'DURABLE_PAYLOAD_TOO_LARGE',
    'Cannot store the result of step "export": $ takes 2097154 bytes as JSON, more than the limit of 1048576. ' +
      'Keep large data in a store of its own and pass a reference to it, or raise the option payloadLimit.',
  ],
  [
    new errors.RunNotFoundError(RUN),
    'DURABLE_RUN_NOT_FOUND',
    `There is no run "${RUN}". Check the id; finished runs may have been purged.`,
  ],
  [
    new errors.RunNotFoundError('order-7', 'order'),
    'DURABLE_RUN_NOT_FOUND',
    'There is no run of workflow "order" with the idempotency key "order-7". Check both; finished runs may have been purged.',
  ],
  [
    new errors.RunFailedError(RUN, 'order', 'failed', stored),
    'DURABLE_RUN_FAILED',
    `Run ${RUN} of workflow "order" failed at step "charge": CardDeclined: The card was declined. ` +
      `Once the cause is removed, runner.retry('${RUN}') goes on from there.`,
  ],
  [
    new errors.RunFailedError(RUN, 'order', 'canceled', null),
    'DURABLE_RUN_FAILED',
    `Run ${RUN} of workflow "order" was canceled.`,
  ],
  [
    new errors.RunFailedError(RUN, 'order', 'canceled', null, 'the customer changed her mind'),
    'DURABLE_RUN_FAILED',
    `Run ${RUN} of workflow "order" was canceled: the customer changed her mind.`,
  ],
  [
    new errors.RunFailedError(RUN, 'order', 'compensation_failed', { name: 'Error', message: 'No refund!' }),
    'DURABLE_RUN_FAILED',
    `Run ${RUN} of workflow "order" failed, and undoing what it had done failed too: Error: No refund! ` +
      `Once the cause is removed, runner.retry('${RUN}') goes on from there.`,
  ],
  [
    new errors.ResultTimeoutError(RUN, 5000),
    'DURABLE_RESULT_TIMEOUT',
    `Run ${RUN} had not ended after 5000 ms of waiting. It goes on: wait again with runner.result('${RUN}'), ` +
      `or see runner.explain('${RUN}').`,
  ],
  [
    new errors.IdempotencyConflictError('order', 'o-1', RUN),
    'DURABLE_IDEMPOTENCY_CONFLICT',
    `Workflow "order" already has run ${RUN} under idempotency key "o-1", with another input. ` +
      'Use a new key for new work, or repeat the call with the same input to get that run.',
  ],
  [
    new errors.StepTimeoutError('charge', 600_000),
    'DURABLE_STEP_TIMEOUT',
    'Step "charge" took longer than 600000 ms. Let it stop at ctx.abortSignal, split it, or raise its timeout ' +
      '(module option jobTimeout).',
  ],
  [
    new errors.RunTimeoutError(RUN, 1000),
    'DURABLE_RUN_TIMEOUT',
    `Run ${RUN} did not end within its timeout of 1000 ms. Start it with a longer one if the work needs it.`,
  ],
  [
    new errors.RunTimeoutError(RUN),
    'DURABLE_RUN_TIMEOUT',
    `Run ${RUN} did not end within its timeout. Start it with a longer one if the work needs it.`,
  ],
  [new errors.RunCanceledError(RUN), 'DURABLE_RUN_CANCELED', `Run ${RUN} was canceled.`],
  [
    new errors.RunCanceledError(RUN, 'customer changed her mind'),
    'DURABLE_RUN_CANCELED',
    `Run ${RUN} was canceled: customer changed her mind.`,
  ],
  [
    new errors.LeaseLostError(RUN, 'web-1:42'),
    'DURABLE_LEASE_LOST',
    `Worker "web-1:42" no longer holds run ${RUN}: another worker goes on with it. ` +
      'Stop this attempt; nothing that it reports is recorded.',
  ],
  [
    new errors.ShutdownError(RUN),
    'DURABLE_SHUTDOWN',
    `Run ${RUN} was interrupted because this process shuts down. Another worker, or the next start, goes on with it.`,
  ],
  [
    new errors.DeliveryLimitError(RUN, 5),
    'DURABLE_DELIVERY_LIMIT',
    `Run ${RUN} was given up after 5 deliveries whose workers died or lost their lease (module option maxAttempts). ` +
      'Look for a crash, an exhausted memory or a blocked event loop in its current step, then call ' +
      `runner.retry('${RUN}').`,
  ],
  [
    new errors.NotTransactionalError('charge'),
    'DURABLE_NOT_TRANSACTIONAL',
    'Step "charge" has no transaction, so ctx.manager is not available. ' +
      'Declare it with @Step({ transactional: true }), or inject a repository of your own.',
  ],
  [
    new errors.PlanChangedError(RUN, 'order', 3, 'node 2 was "charge" (step) and is now "pay" (step)'),
    'DURABLE_PLAN_CHANGED',
    `Run ${RUN} cannot go on: workflow "order" version 3 changed under it: ` +
      'node 2 was "charge" (step) and is now "pay" (step). ' +
      'Deploy the former plan again, and give changed plans a new version.',
  ],
  [
    new errors.RunNotSkippableError(RUN, 'charge', 'running', 'a worker executes the run'),
    'DURABLE_RUN_NOT_SKIPPABLE',
    `Node "charge" of run ${RUN} (running) cannot be skipped: a worker executes the run.`,
  ],
  [
    new errors.SchemaMismatchError('input of workflow "order"', [{ path: '$.id', message: 'Required.' }]),
    'DURABLE_SCHEMA_MISMATCH',
    'Cannot store the input of workflow "order": $.id is refused by its schema (Required). Correct the value.',
  ],
  [
    new errors.SchemaMismatchError(
      'payload of signal "paid"',
      ['$.a', '$.b', '$.c', '$.d', '$.e', '$.f'].map((path) => ({ path, message: 'Too small' })),
    ),
    'DURABLE_SCHEMA_MISMATCH',
    'Cannot store the payload of signal "paid": $.a is refused by its schema (Too small), and so are ' +
      '$.b (Too small), $.c (Too small), $.d (Too small), $.e (Too small), 1 more. Correct the value.',
  ],
  [
    new errors.SchemaBehindError('durable', ['001-initial', '002-signals']),
    'DURABLE_SCHEMA_BEHIND',
    'Schema "durable" lacks the migrations 001-initial, 002-signals. Do one of three: set the module option ' +
      'migrate: true; run the SQL of durableMigrationSql() with your own tool; ' +
      "or add the class DurableMigration to the application's TypeORM migrations and run them.",
  ],
  [
    new errors.EntitiesMissingError(undefined, ['RunEntity', 'JournalEntity']),
    'DURABLE_ENTITIES_MISSING',
    'The default DataSource does not know the entities RunEntity, JournalEntity. ' +
      'Set autoLoadEntities: true in TypeOrmModule.forRoot, or add them: entities: [...durableEntities].',
  ],
  [
    new errors.EntitiesMissingError('orders', ['RunEntity']),
    'DURABLE_ENTITIES_MISSING',
    'DataSource "orders" does not know the entities RunEntity. ' +
      'Set autoLoadEntities: true in TypeOrmModule.forRoot, or add them: entities: [...durableEntities].',
  ],
  [
    new errors.DatabaseUnsupportedError('PostgreSQL 11 is too old', 'Use PostgreSQL 13 or newer'),
    'DURABLE_DATABASE_UNSUPPORTED',
    'nest-durable cannot use this database: PostgreSQL 11 is too old. Use PostgreSQL 13 or newer.',
  ],
  [
    new errors.RunNotRetryableError(RUN, 'completed', 'it did not fail'),
    'DURABLE_RUN_NOT_RETRYABLE',
    `Run ${RUN} is completed and cannot be retried: it did not fail.`,
  ],
  [
    new errors.ManagerNotInTransactionError('start'),
    'DURABLE_MANAGER_NOT_IN_TRANSACTION',
    'runner.start was given a manager that is in no transaction. Pass the one that ' +
      'dataSource.transaction(async (manager) => …) hands you, or leave the option out.',
  ],
  [
    new errors.CheckpointRejectedError(new Error('invalid input syntax')),
    'DURABLE_CHECKPOINT_REJECTED',
    'The database refused a batch of checkpoints (invalid input syntax). ' +
      'Its records are written one by one; only the refused one fails its run.',
  ],
  [
    new errors.StoreUnavailableError('start a run', 4, new Error('ECONNREFUSED')),
    'DURABLE_STORE_UNAVAILABLE',
    'Could not start a run: the database failed 4 times (ECONNREFUSED). ' +
      'Nothing may have been written, or all of it; repeating the call with an idempotency key is safe.',
  ],
  [
    new errors.StoreUnavailableError('find a run', 1, undefined),
    'DURABLE_STORE_UNAVAILABLE',
    'Could not find a run: the database failed once. ' +
      'Nothing may have been written, or all of it; repeating the call with an idempotency key is safe.',
  ],
  [
    new errors.TransactionNotCommittedError(RUN, 'reserve', 'ROLLBACK'),
    'DURABLE_TRANSACTION_NOT_COMMITTED',
    `The transaction of step "reserve" of run ${RUN} was not committed: the server answered ROLLBACK. ` +
      'A statement in it failed and its error was caught; let it reject, or use a savepoint (manager.transaction inside).',
  ],
  [
    new errors.TransactionNotCommittedError(RUN, 'reserve', null),
    'DURABLE_TRANSACTION_NOT_COMMITTED',
    `The transaction of step "reserve" of run ${RUN} was ended by the step itself, so it cannot commit with the journal ` +
      'row. Leave COMMIT, ROLLBACK and release() to the engine; use manager.transaction for a part that may fail.',
  ],
  [
    new errors.UnknownBranchError('shipping', 'drone', ['courier', 'post']),
    'DURABLE_UNKNOWN_BRANCH',
    'Route "shipping" chose "drone", which is none of its branches: courier, post. ' +
      'Return one of these names, or declare the branch.',
  ],
  [
    new errors.WorkerDisabledError(),
    'DURABLE_WORKER_DISABLED',
    'This process executes no runs, because the module option worker is false. ' +
      'Call it in a worker process, or configure a worker here.',
  ],
  [
    new errors.MissingPeerError('prom-client', 'nest-durable/metrics'),
    'DURABLE_MISSING_PEER',
    'nest-durable/metrics needs the package prom-client, which is not installed: run "npm install prom-client".',
  ],
  [new errors.NonRetryableError('The card has expired'), 'DURABLE_NON_RETRYABLE', 'The card has expired'],
];

describe('errors', () => {
  it.each(MESSAGES.map(([error, code, message]) => [error.name, error, code, message] as const))(
    '%s says what happened and what to do next',
    (_name, error, code, message) => {
      expect(error.message).toBe(message);
      expect(error.code).toBe(code);
      expect(error.stack).toContain(message.split('\n')[0]);
    },
  );

  it('covers every exported class, each with a code of its own', () => {
    const covered = new Set(MESSAGES.map(([error]) => error.constructor));
    const classes = Object.values(errors).filter((type) => type !== errors.DurableError);
    expect(classes.filter((type) => !covered.has(type)).map((type) => type.name)).toEqual([]);
    expect(new Set(classes.map((type) => type.code)).size).toBe(classes.length);
    expect(classes.every((type) => Object.hasOwn(type, 'code') && type.code.startsWith('DURABLE_'))).toBe(true);
  });

  it('lists at most twenty registered workflows', () => {
    const known = Array.from({ length: 25 }, (_, index) => `w${index}`);
    const { message } = new errors.WorkflowNotRegisteredError('order', 1, known);
    expect(message).toContain('w18, w19 and 5 more)');
    expect(message).not.toContain('w20');
  });

  it('keeps the stored error of a failed run as data and as a cause', () => {
    const error = new errors.RunFailedError(RUN, 'order', 'failed', stored);
    expect(error).toMatchObject({ runId: RUN, workflow: 'order', status: 'failed', error: stored });
    expect(error.cause).toMatchObject({
      name: 'CardDeclined',
      message: 'The card was declined',
      code: 'card_declined',
    });
  });

  it('keeps the cause of what the database refused', () => {
    const cause = new Error('invalid input syntax');
    expect(new errors.CheckpointRejectedError(cause).cause).toBe(cause);
    expect(new errors.StoreUnavailableError('start a run', 4, cause).cause).toBe(cause);
    expect(new errors.NonRetryableError('no', { cause }).cause).toBe(cause);
  });

  it('shortens a cause that is a page long', () => {
    const { message } = new errors.CheckpointRejectedError(new Error('x'.repeat(10_000)));
    expect(message.length).toBeLessThan(400);
  });
});
