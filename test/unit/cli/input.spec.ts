/** How the command line reads what people write: workflows, JSON, times, filters, addresses; and how it asks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { CliIo } from '../../../lib/cli/cli-io.interface.js';
import { databaseOf } from '../../../lib/cli/connection/connection-options.js';
import { connectionConfig } from '../../../lib/storage/postgres/connection/driver-options.js';
import { withoutPasswords } from '../../../lib/cli/connection/redact-url.js';
import { confirm } from '../../../lib/cli/input/confirm.js';
import {
  collect,
  collectPairs,
  parseDate,
  parseInteger,
  parseTime,
  parseWorkflow,
  readJson,
} from '../../../lib/cli/input/parse-input.js';
import { isFilter, runFilterOf } from '../../../lib/cli/input/run-filter.js';

const never = new AbortController().signal;

function ioWith(parts: Partial<CliIo> = {}): CliIo {
  const sink = { write: () => true };
  const stdin = Readable.from([]);
  const base = { env: {}, cwd: process.cwd(), stdin, stdout: sink, stderr: sink, user: 'ann' };
  return { ...base, interrupted: never, unread: never, ...parts };
}

describe('a workflow', () => {
  it.each([
    ['order', { name: 'order', version: undefined }],
    ['order@2', { name: 'order', version: 2 }],
    ['shop@eu@13', { name: 'shop@eu', version: 13 }],
    ['order@latest', { name: 'order@latest', version: undefined }],
    ['@2', { name: '@2', version: undefined }],
  ])('%s is read as %j', (text, workflow) => {
    expect(parseWorkflow(text)).toEqual(workflow);
  });
});

describe('a payload', () => {
  it('is JSON, of any kind', async () => {
    expect(await readJson('{"a":[1,null]}', 'input', ioWith())).toEqual({ a: [1, null] });
    expect(await readJson('"text"', 'input', ioWith())).toBe('text');
  });

  it('may be left out', async () => {
    expect(await readJson(undefined, 'input', ioWith())).toBeUndefined();
  });

  it('comes from standard input for -', async () => {
    expect(await readJson('-', 'input', ioWith({ stdin: Readable.from(['{"a"', ':1}']) }))).toEqual({ a: 1 });
  });

  it('comes from a file for @file', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'nest-durable-cli-'));
    try {
      writeFileSync(path.join(folder, 'input.json'), '[1]');
      expect(await readJson('@input.json', 'input', ioWith({ cwd: folder }))).toEqual([1]);
      await expect(readJson('@other.json', 'input', ioWith({ cwd: folder }))).rejects.toThrow(
        'The input cannot be read: ENOENT',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that is no JSON is refused, with what to write instead', async () => {
    await expect(readJson('approved', 'payload', ioWith())).rejects.toThrow(
      /^The payload is no JSON: .+\. A text is written with its quotes: '"approved"'\.$/,
    );
  });
});

describe('numbers, times and lists', () => {
  it('reads whole numbers within bounds', () => {
    const read = parseInteger('--limit', 1, 500);
    expect(read('500')).toBe(500);
    for (const wrong of ['0', '501', '1.5', 'x', '', '1e2']) {
      expect(() => read(wrong)).toThrow(`--limit takes a whole number from 1 to 500, not "${wrong}".`);
    }
  });

  it('reads how long ago as a time', () => {
    const before = Date.now();
    const time = parseTime('--created-after')('2h').getTime();
    expect(time).toBeGreaterThanOrEqual(before - 7_200_000);
    expect(time).toBeLessThanOrEqual(Date.now() - 7_200_000);
  });

  it('reads dates, and only those that mean the same everywhere', () => {
    expect(parseDate('--at')('2030-01-31T10:00:00Z')).toEqual(new Date('2030-01-31T10:00:00Z'));
    expect(() => parseTime('--at')('1/2/2030')).toThrow(
      '--at takes a date (2030-01-31, 2030-01-31T10:00:00Z) or a length of time (2h, 7d), not "1/2/2030".',
    );
  });

  it('takes values with commas, and again', () => {
    expect(collect('b,c', collect('a', undefined))).toEqual(['a', 'b', 'c']);
  });

  it('takes pairs', () => {
    expect(collectPairs('c=d', collectPairs('a=b', undefined))).toEqual({ a: 'b', c: 'd' });
    expect(() => collectPairs('a=', undefined)).toThrow('--map takes former=present, not "a=".');
  });
});

describe('a filter', () => {
  it('is what the runner lists by', () => {
    const given = { status: ['failed'], workflow: 'order@2', key: 'k', tag: ['eu'], error: 'declined' };
    expect(runFilterOf(given)).toMatchObject({
      ...{ status: ['failed'], workflow: 'order', version: 2, idempotencyKey: 'k', tag: ['eu'], error: 'declined' },
    });
    expect(isFilter(given)).toBe(true);
  });

  it('is none when no option chooses', () => {
    expect(isFilter({})).toBe(false);
  });
});

describe('the address of the database', () => {
  const options = { color: true };

  it('is --url, else DATABASE_URL', () => {
    const io = ioWith({ env: { DATABASE_URL: 'postgres://a/b' } });
    expect(databaseOf(options, io)).toEqual({ url: 'postgres://a/b', schema: 'durable' });
    expect(databaseOf({ ...options, url: 'postgresql://c/d', schema: 'flows' }, io)).toEqual({
      ...{ url: 'postgresql://c/d', schema: 'flows' },
    });
  });

  it('may have several hosts', () => {
    const url = 'postgres://app:x@a:5432,b:5433/orders?target_session_attrs=primary';
    expect(databaseOf({ ...options, url }, ioWith()).url).toBe(url);
    expect(connectionConfig(url)).toMatchObject({
      connectionString: 'postgres://app:x@a:5432/orders',
      stream: expect.any(Function),
    });
  });

  it('is asked for where there is none', () => {
    expect(() => databaseOf(options, ioWith())).toThrow(
      'No database: set DATABASE_URL, or say --url postgres://user@host/database.',
    );
  });

  it('is not shown where it is none: it may hold a password', () => {
    expect(() => databaseOf({ ...options, url: 'mysql://root:hunter2@db/x' }, ioWith())).toThrow(
      /^--url is no address of a PostgreSQL: (?!.*hunter2)/,
    );
  });

  it.each([
    ['at postgres://app:hunter2@db:5432/orders, twice', 'at postgres://app:***@db:5432/orders, twice'],
    ['postgresql://app:p:a@ss@db/x', 'postgresql://app:***@db/x'],
    ['postgres://app@db/x', 'postgres://app@db/x'],
    ['postgres://db/x?password=hunter2&ssl=1', 'postgres://db/x?password=***&ssl=1'],
  ])('loses its password in %s', (text, shown) => {
    expect(withoutPasswords(text)).toBe(shown);
  });
});

describe('the question before something that cannot be taken back', () => {
  const asked = async (answer: string): Promise<string> => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stderr = Object.assign(new PassThrough(), { isTTY: true });
    const asking = confirm(ioWith({ stdin, stderr }), 'Terminate 3 runs', undefined);
    stdin.write(`${answer}\n`);
    await asking;
    return String(stderr.read());
  };

  it('goes on after y and yes', async () => {
    expect(await asked('y')).toContain('Terminate 3 runs? [y/N] ');
    expect(await asked('YES')).toContain('Terminate 3 runs? [y/N] ');
  });

  it.each(['', 'n', 'yesterday'])('does nothing after "%s"', async (answer) => {
    await expect(asked(answer)).rejects.toMatchObject({ message: 'Nothing was done.', exitCode: 1 });
  });

  it('is not asked with --yes', async () => {
    await expect(confirm(ioWith(), 'Terminate 3 runs', true)).resolves.toBeUndefined();
  });

  it('demands --yes where nobody can answer', async () => {
    await expect(confirm(ioWith(), 'Terminate 3 runs', undefined)).rejects.toMatchObject({
      message: 'Terminate 3 runs: there is no terminal to ask on. Say --yes to do it; nothing was done.',
      exitCode: 2,
    });
  });
});
