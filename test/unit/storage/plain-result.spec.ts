// Covers: what is journaled of the results of TypeORM's writes. Of real writes: transactional-steps.spec.ts of the engine.
import { DeleteResult, InsertResult, UpdateResult } from 'typeorm';
import { plainResult } from '../../../lib/storage/postgres/plain-result.js';

const make = <T extends object>(result: T, fields: object): T => Object.assign(result, fields);

it.each<[string, unknown, unknown]>([
  ['an insert', make(new InsertResult(), { identifiers: [{ id: 1 }], raw: [{}] }), { identifiers: [{ id: 1 }] }],
  ['an insert without keys', make(new InsertResult(), { identifiers: [undefined] }), { identifiers: [null] }],
  [
    'a key that is a date',
    make(new InsertResult(), { identifiers: [{ at: new Date(0), gone: undefined }] }),
    { identifiers: [{ at: '1970-01-01T00:00:00.000Z' }] },
  ],
  ['an update', make(new UpdateResult(), { affected: 3, raw: [] }), { affected: 3 }],
  ['a delete of nothing', make(new DeleteResult(), { affected: 0 }), { affected: 0 }],
  ['a delete that does not say', make(new DeleteResult(), { affected: null }), {}],
  ['several, and other things', [make(new DeleteResult(), { affected: 1 }), 'x'], [{ affected: 1 }, 'x']],
])('%s', (_, returned, expected) => {
  expect(plainResult(returned)).toEqual(expected);
  expect(JSON.parse(JSON.stringify(plainResult(returned)))).toEqual(expected);
});

it.each([undefined, null, 0, 'x', { affected: 1 }, [1, 2], new Date(0)])('leaves %p as it is', (returned) => {
  expect(plainResult(returned)).toBe(returned);
});
