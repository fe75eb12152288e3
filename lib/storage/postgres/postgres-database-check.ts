import { DatabaseUnsupportedError } from '../../errors/index.js';
import type { DatabaseCheck } from '../contract/database-check.contract.js';
import type { EngineConnectionConfig } from './connection/engine-connection-config.js';
import { SessionProbe, type SessionKind } from './connection/session-probe.js';
import type { SpareConnections } from './connection/spare-connections.js';
import { withRetry } from './retry.js';

/**
 * A setting that a throw-away server can be given beside the ones that make it unsafe, so that nothing of the application
 * has to know: `postgres -c fsync=off -c nest_durable.allow_unsafe_durability=on`.
 */
export const ALLOW_UNSAFE_SETTING = 'nest_durable.allow_unsafe_durability';

const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', ALLOW_UNSAFE_SETTING] as const;

/** A database that restarts or fails over is back within it; a start that hangs longer should be seen as failed. */
const MAX_ELAPSED_MS = 30_000;

const WAYS_OUT =
  'Connect in its session mode, or directly to PostgreSQL; when only the rest of the application is to keep the pooler, ' +
  "give nest-durable a TypeORM DataSource of its own that goes round it, and name that in the module's option dataSource";

/** {@link DatabaseCheck} on PostgreSQL, on two connections that are left to whoever needs one next. */
export class PostgresDatabaseCheck implements DatabaseCheck {
  constructor(
    private readonly config: EngineConnectionConfig,
    private readonly spares: SpareConnections,
  ) {}

  run(options: { readonly allowUnsafeDurability: boolean }): Promise<readonly string[]> {
    const once = async (): Promise<readonly string[]> => {
      const probe = await SessionProbe.open(this.config);
      try {
        assertOwnSessions(await probe.sessions());
        if (await probe.isStandby()) throw standby();
        const warnings = durabilityWarnings(await probe.settings(SETTINGS), options.allowUnsafeDurability);
        await probe.release(this.spares);
        return warnings;
      } catch (error) {
        await probe.close();
        throw error;
      }
    };
    return withRetry('look at the database', once, { maxElapsedMs: MAX_ELAPSED_MS });
  }
}

function assertOwnSessions(kind: SessionKind): void {
  if (kind === 'own') return;
  const mode = kind === 'shared by transactions' ? 'transaction' : 'statement';
  throw new DatabaseUnsupportedError(
    `a connection pooler in ${mode} mode (PgBouncer's pool_mode = ${mode}) stands before it and gives the session away ` +
      `after every ${mode}, while leases, LISTEN and prepared statements live in sessions`,
    WAYS_OUT,
  );
}

/** What time can cure: the standby is promoted, or the name points to the new primary. */
function standby(): Error {
  return Object.assign(new Error('the server is a standby and takes no writes'), { code: '25006' });
}

function durabilityWarnings(settings: ReadonlyMap<string, string>, allowed: boolean): string[] {
  const warnings: string[] = [];
  const unsafe = ['fsync', 'synchronous_commit'].filter((name) => settings.get(name) === 'off');
  if (unsafe.length > 0) {
    const what = `${unsafe.join(' and ')} ${unsafe.length === 1 ? 'is' : 'are'} off`;
    if (!allowed && settings.get(ALLOW_UNSAFE_SETTING) !== 'on') throw unsafeDurability(what, unsafe);
    warnings.push(
      `The database may lose what it has committed (${what}): runs can vanish and steps can run twice after a crash of its machine. This was asked for.`,
    );
  } else if (settings.get('full_page_writes') === 'off') {
    // Right on file systems that cannot tear a page (ZFS, some clouds), so it is no reason to refuse.
    warnings.push(
      'full_page_writes is off: unless the file system of the database writes whole pages, a crash of its machine can damage tables.',
    );
  }
  return warnings;
}

function unsafeDurability(what: string, unsafe: readonly string[]): DatabaseUnsupportedError {
  const places = unsafe.includes('synchronous_commit')
    ? ' (synchronous_commit may also be set for the role, the database, or in the connection URL)'
    : '';
  return new DatabaseUnsupportedError(
    `${what}, so it may lose runs and steps that were acknowledged`,
    `Set ${unsafe.map((name) => `${name} = on`).join(' and ')}${places}. For a throw-away database, set the module option ` +
      `allowUnsafeDurability: true, or ${ALLOW_UNSAFE_SETTING} = on beside it on the server`,
  );
}
