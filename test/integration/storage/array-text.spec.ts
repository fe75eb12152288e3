/**
 * Covers: arrays as the engine writes them, read back from the database. Hostile payloads in whole runs:
 * test/integration/runner.
 */
import fc from 'fast-check';
import { Client } from 'pg';
import { plainArray, separatedArray, separatedTexts, textArray } from '../../../lib/storage/postgres/array-text.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function readBack(text: string, type: string): Promise<unknown> {
  const { rows } = await client.query<{ value: unknown }>(`select to_json($1::${type}[]) as value`, [text]);
  return rows[0].value;
}

it('reads every text back as it was', async () => {
  const hostile = ['', ' ', 'NULL', 'null', '{}', '"', '\\', '\\"', 'a,b', '\n\t', "'", '$1', '{"a":"\\u00e9"}', '🦊'];
  const texts = fc.array(fc.option(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme' }))));

  await fc.assert(
    fc.asyncProperty(texts, async (values) => {
      const storable = values.map((value) => value?.replaceAll('\0', '') ?? null);
      expect(await readBack(textArray(storable), 'text')).toEqual(storable);
    }),
    { numRuns: 200 },
  );
});

it('reads plain values back as they were', async () => {
  expect(await readBack(plainArray([1, -2, 0.5, 1e21, null]), 'float8')).toEqual([1, -2, 0.5, 1e21, null]);
  expect(await readBack(plainArray([true, false, null]), 'bool')).toEqual([true, false, null]);
  expect(await readBack(plainArray(['2026-01-31T10:00:00.123Z', null]), 'timestamptz')).toEqual([
    expect.stringContaining('2026-01-31T'),
    null,
  ]);
  expect(await readBack(plainArray([]), 'uuid')).toEqual([]);
});

it('takes JSON and names apart as they were, whatever is in them', async () => {
  const hostile = ['"', '\\', "'", '{}', 'a,b', '\u001f', '\n\t', '$1', 'null', '🦊'];
  const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme' }));
  const json = fc
    .oneof(text, fc.dictionary(text, fc.jsonValue()), fc.jsonValue())
    .map((value) => JSON.stringify(value));

  await fc.assert(
    fc.asyncProperty(fc.array(json, { minLength: 1 }), async (values) => {
      const { rows } = await client.query<{ value: unknown }>(
        `select to_json(${separatedArray('$1::text')}) as value`,
        [separatedTexts(values)],
      );
      expect(rows[0].value).toEqual(values);
    }),
    { numRuns: 200 },
  );
});
