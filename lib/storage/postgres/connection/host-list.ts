import { InvalidOptionError } from '../../../errors/index.js';

/** One server of several, as `host:port` and as an address of its own. */
export interface ListedHost {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

const FORM = /^(postgres(?:ql)?:\/\/(?:\S*@)?)([^@/?]+)((?:\/[^?]*)?)(?:\?(.*))?$/;
const DEFAULT_PORT = 5432;
/** What may be asked of the server; the engine writes, so both mean the same here. */
const WRITABLE = ['read-write', 'primary'];

/**
 * Reads an address with several servers, as libpq has them: `postgres://user@a:5432,b/shop?target_session_attrs=read-write`.
 * IPv6 addresses stand in brackets.
 *
 * @throws InvalidOptionError without showing the address.
 */
export function parseHostList(url: string): readonly [ListedHost, ...ListedHost[]] {
  const parts = typeof url === 'string' ? FORM.exec(url) : null;
  if (!parts) throw refused('postgres://user:password@host-a,host-b:5432/database');
  const [, credentials, list, path, query = ''] = parts;
  const parameters = new URLSearchParams(query);
  const wanted = parameters.get('target_session_attrs') ?? 'read-write';
  if (!WRITABLE.includes(wanted)) throw refused('target_session_attrs read-write or primary: the engine writes');
  parameters.delete('target_session_attrs');
  const rest = parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
  const hosts = list.split(',').map((name) => {
    const [, host = '', port] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(name) ?? [];
    if (host === '') throw refused('hosts of the form host or host:port, with commas between them');
    const address = host.replace(/^\[|\]$/g, '');
    return { name, host: address, port: Number(port ?? DEFAULT_PORT), url: `${credentials}${name}${rest}` };
  });
  return hosts as [ListedHost, ...ListedHost[]];
}

function refused(expectation: string): InvalidOptionError {
  return new InvalidOptionError('url', undefined, expectation, { shown: 'an address that is not shown' });
}
