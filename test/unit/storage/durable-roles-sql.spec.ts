/** Covers: what is refused, and the script's form. What the roles can do: test/integration/storage/roles.spec.ts. */
import { durableRolesSql } from '../../../lib/index.js';

describe('durableRolesSql', () => {
  it('is one statement that quotes every name', () => {
    const script = durableRolesSql({ schema: `a "$durable$" 'b'`, roles: { worker: `it's "mine"` } });

    expect(script).toContain('do $durable1$\n');
    expect(script.trimEnd().endsWith('$durable1$;')).toBe(true);
    expect(script).toContain(`create role "it's ""mine""" nologin;`);
    expect(script).toContain(`alter schema "a ""$durable$"" 'b'" owner to "durable_migrator";`);
  });

  it('refuses names that cannot be one, and the same name twice', () => {
    expect(() => durableRolesSql({ schema: 'pg_mine' })).toThrow('schema name');
    expect(() => durableRolesSql({ roles: { reader: 'x'.repeat(64) } })).toThrow('Invalid option roles.reader: got ');
    expect(() => durableRolesSql({ roles: { reader: 'one\ntwo' } })).toThrow('Invalid option roles.reader');
    expect(() => durableRolesSql({ roles: { reader: 'same', worker: 'same' } })).toThrow(
      'Invalid option roles.worker: got "same", expected a name that no other of the roles has.',
    );
  });
});
