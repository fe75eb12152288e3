// Covers: the rule of run-progress.sql.ts, by the text of all statements. What breaks it crashes a server: changed-rows.spec.ts
// of the integration tests.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SQL = 'lib/storage/postgres/sql';
const LOCKS = /\bfor (no key )?update\b|\b(update|delete from) \$\{schema\}\.run\b/;
/** By a column of other rows, in the statement itself or through a helper. */
const LOOKS =
  /\b(cursorSql|runsFrom|furthest)\(|\.journal (\w+)\b[^`]*\b(\2\.run_id = [a-z_]+\.\w|[a-z_]+\.id = \2\.run_id)/;
/** Its rows are locked before. */
const HOLDS_THE_LOCK = ['settleCursors'];

interface Maker {
  readonly name: string;
  readonly body: string;
}

/** The functions that make statements. */
const makers = readdirSync(SQL, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => makersOf(readFileSync(path.join(SQL, file), 'utf8')));

function makersOf(source: string): Maker[] {
  const parts = source.split(/^(?:export )?(?:function|const) (?=\w)/m).slice(1);
  return parts.map((body) => ({ name: /^\w+/.exec(body)![0], body }));
}

const named = (found: readonly Maker[]): string[] => found.map(({ name }) => name);

it('no statement that locks runs looks into the journal by their columns', () => {
  const locking = makers.filter(({ body }) => LOCKS.test(body));
  expect(named(locking)).toEqual(expect.arrayContaining(['lockForOrder', 'terminateChildren', 'settleCursors']));

  expect(named(locking.filter(({ body }) => LOOKS.test(body)))).toEqual(HOLDS_THE_LOCK);
});

it('knows such a look when it sees one', () => {
  expect(named(makers.filter(({ body }) => LOOKS.test(body)))).toEqual(
    expect.arrayContaining(['furthest', 'cursorSql', 'readCursor', 'findCommit', 'listRuns']),
  );
});
