/** Covers: what the module's log lines never show. That nothing else is logged: test/integration/security. */
import { RedactingLogger } from '../../../lib/common/redacting-logger.js';
import { passwordsOf } from '../../../lib/storage/postgres/connection/engine-connection-config.js';
import { LogBook } from '../../support/durable-app.js';

function logged(text: string, secrets: readonly string[] = []): string {
  const book = new LogBook();
  new RedactingLogger(book, secrets).warn(text);
  return book.lines[0].replace('warn ', '');
}

it('takes credentials out of addresses and settings, and leaves the rest', () => {
  expect(logged('no way to postgres://ann:p@ss/word@db:5432/shop?x=1, tried once')).toBe(
    'no way to postgres://***@db:5432/shop?x=1, tried once',
  );
  expect(logged('see https://ann:word@host/path and host=db password=word user=ann')).toBe(
    'see https://***@host/path and host=db password=*** user=ann',
  );
  expect(logged('run 0190 of "order" (ECONNREFUSED 127.0.0.1:5432)')).toBe(
    'run 0190 of "order" (ECONNREFUSED 127.0.0.1:5432)',
  );
});

it('takes out the secrets that it knows, wherever they stand, unless they are hardly one', () => {
  expect(logged('said hunter22 and hunter2', ['hunter2', 'hunter22'])).toBe('said *** and ***');
  expect(logged('an answer', ['an'])).toBe('an answer');
});

it('knows the passwords of the DataSource, as they are written and as they are meant', () => {
  const options = {
    url: 'postgres://ann:p%40ss:x@db/shop',
    extra: { password: 'fromExtra' },
    replication: { master: { password: 'ofMaster' } },
  };
  expect(passwordsOf({ options: options as never })).toEqual(['p%40ss:x', 'p@ss:x', 'ofMaster', 'fromExtra']);
  expect(passwordsOf({ options: { url: 'postgres://db/shop' } as never })).toEqual(['', '']);
});
