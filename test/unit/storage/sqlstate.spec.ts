/** Covers: the classification of database errors. What raises them for real: test/integration/storage/engine-client.spec.ts. */
import { QueryFailedError } from 'typeorm';
import {
  breaksConnection,
  classify,
  isPrivilegeMissing,
  isUniqueViolation,
  sqlState,
} from '../../../lib/storage/postgres/sqlstate.js';

function failure(code: string | undefined, message = 'failure'): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe('classify', () => {
  it.each([
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['55P03', 'conflict'],
    ['08006', 'transient'],
    ['08P01', 'transient'],
    ['25006', 'transient'],
    ['25P03', 'transient'],
    ['26000', 'transient'],
    ['53100', 'transient'],
    ['53300', 'transient'],
    ['57014', 'transient'],
    ['57P01', 'transient'],
    ['57P02', 'transient'],
    ['57P03', 'transient'],
    ['58030', 'transient'],
    ['21000', 'data'],
    ['22003', 'data'],
    ['22P05', 'data'],
    ['23505', 'data'],
    ['23514', 'data'],
    ['54000', 'data'],
    ['28P01', 'permanent'],
    ['42501', 'permanent'],
    ['42P01', 'permanent'],
    ['57P04', 'permanent'],
    ['XX000', 'permanent'],
    ['ECONNREFUSED', 'transient'],
    ['ECONNRESET', 'transient'],
    ['EPIPE', 'transient'],
    ['ETIMEDOUT', 'transient'],
    ['ENOTFOUND', 'transient'],
    ['EACCES', 'permanent'],
  ])('takes %s for %s', (code, expected) => {
    expect(classify(failure(code))).toBe(expected);
  });

  it.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Query read timeout',
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('takes the driver\'s "%s" for transient', (message) => {
    expect(classify(failure(undefined, message))).toBe('transient');
  });

  it('tells a stale plan from a feature that the server lacks', () => {
    expect(classify(failure('0A000', 'cached plan must not change result type'))).toBe('transient');
    expect(classify(failure('0A000', 'not supported'))).toBe('permanent');
  });

  it('looks into the errors that TypeORM wraps', () => {
    const wrapped = new QueryFailedError('select 1', [], failure('40001'));

    expect(classify(wrapped)).toBe('conflict');
    expect(sqlState(wrapped)).toBe('40001');
  });

  it.each([[null], [undefined], ['57P01'], [42], [{}], [new Error('boom')]])('takes %p for permanent', (thrown) => {
    expect(classify(thrown)).toBe('permanent');
  });
});

describe('breaksConnection', () => {
  it.each(['08006', '25006', '25P03', '26000', '57P01', 'XX000'])('is true of %s', (code) => {
    expect(breaksConnection(failure(code))).toBe(true);
  });

  it.each(['23505', '40001', '42P01', '53100', '57014'])('is false of %s', (code) => {
    expect(breaksConnection(failure(code))).toBe(false);
  });

  it('is true of everything that did not come from the server, because the outcome is unknown', () => {
    expect(breaksConnection(failure('EPIPE'))).toBe(true);
    expect(breaksConnection(failure(undefined, 'Query read timeout'))).toBe(true);
  });

  it('is true of a stale plan', () => {
    expect(breaksConnection(failure('0A000', 'cached plan must not change result type'))).toBe(true);
    expect(breaksConnection(failure('0A000', 'not supported'))).toBe(false);
  });
});

it('recognises a duplicate and a missing privilege', () => {
  expect(isUniqueViolation(failure('23505'))).toBe(true);
  expect(isUniqueViolation(failure('23514'))).toBe(false);
  expect(isPrivilegeMissing(failure('42501'))).toBe(true);
  expect(isPrivilegeMissing(failure('42P01'))).toBe(false);
});
