/** Covers the form of addresses that name several servers. What becomes of them: test/crash/promoted-standby.spec.ts. */
import { multiHost } from '../../../lib/index.js';
import { parseHostList } from '../../../lib/storage/postgres/connection/host-list.js';

const shape = (url: string) => parseHostList(url).map(({ host, port, url: own }) => [host, port, own]);

it('gives each server an address of its own', () => {
  expect(shape('postgres://ann:p@a,b:6000/shop?target_session_attrs=read-write&sslmode=require')).toEqual([
    ['a', 5432, 'postgres://ann:p@a/shop?sslmode=require'],
    ['b', 6000, 'postgres://ann:p@b:6000/shop?sslmode=require'],
  ]);
  expect(shape('postgresql://a:1,[::1]:2?target_session_attrs=primary')).toEqual([
    ['a', 1, 'postgresql://a:1'],
    ['::1', 2, 'postgresql://[::1]:2'],
  ]);
});

it('goes by the first server where the driver wants one', () => {
  expect(multiHost('postgres://ann@a:1,b:2/shop')).toMatchObject({ type: 'postgres', url: 'postgres://ann@a:1/shop' });
});

it.each([
  ['postgres://ann:canary@a,,b/shop', 'hosts of the form host or host:port'],
  ['postgres://ann:canary@a:no,b/shop', 'hosts of the form host or host:port'],
  ['mysql://ann:canary@a/shop', 'postgres://user:password@host-a,host-b:5432/database'],
  ['postgres://ann:canary@a,b/shop?target_session_attrs=standby', 'target_session_attrs read-write or primary'],
])('refuses %s without showing it', (url, expectation) => {
  expect(() => parseHostList(url)).toThrow(expectation);
  expect(() => parseHostList(url)).not.toThrow('canary');
});
