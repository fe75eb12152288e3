/**
 * Covers: the schema that the migrations make, against the snapshot in the repository, so that a change of the schema is
 * seen in a review. After a wanted change, write the file anew: UPDATE_SCHEMA=1 npm run test:integration -- schema-snapshot
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Client } from 'pg';
import { createTestDatabase } from '../../support/test-database.js';
import { schemaShape } from '../../support/schema-shape.js';

const SNAPSHOT = new URL('schema-snapshot.txt', import.meta.url);

it('makes the schema of the snapshot', async () => {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const shape = await schemaShape(client, 'durable');
  await client.end();
  await database.drop();

  if (process.env.UPDATE_SCHEMA) writeFileSync(SNAPSHOT, shape);
  expect(shape).toBe(readFileSync(SNAPSHOT, 'utf8'));
});
