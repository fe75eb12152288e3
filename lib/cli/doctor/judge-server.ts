import type { ClockFacts, SessionMode, ServerFacts } from '../../storage/contract/database-survey.contract.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** The oldest that the package supports, and the oldest that PostgreSQL itself mends: https://www.postgresql.org/support/versioning/ */
const OLDEST = 130_000;
/** As of November 2026. */
const OLDEST_MAINTAINED = 150_000;

/** Above, the next deployment, whose old and new processes overlap, may find no connection free. */
const MOST_CONNECTIONS = 0.8;

/** Leases go by the database's clock alone; dates that an application computes are off by the difference. */
const CLOCK_WARN_MS = 2_000;
const CLOCK_FAIL_MS = 60_000;

export function judgeServer(server: ServerFacts): Finding[] {
  return [versionOf(server), encodingOf(server), writableOf(server), ...settingsOf(server), connectionsOf(server)];
}

function versionOf({ version, versionNumber }: ServerFacts): Finding {
  const check = 'database.version';
  if (versionNumber < OLDEST) return fail(check, `PostgreSQL ${version}`, 'Upgrade to PostgreSQL 13 or newer.');
  if (versionNumber < OLDEST_MAINTAINED) {
    return warn(check, `PostgreSQL ${version} gets no fixes any more`, 'Upgrade to a maintained version.');
  }
  return ok(check, `PostgreSQL ${version}`);
}

function encodingOf({ encoding }: ServerFacts): Finding {
  if (encoding === 'UTF8') return ok('database.encoding', 'UTF8');
  return fail('database.encoding', `the database stores ${encoding}`, 'Use a database with encoding UTF8.');
}

function writableOf({ inRecovery, settings }: ServerFacts): Finding {
  const check = 'database.writable';
  if (inRecovery) return fail(check, 'this is a standby, which takes no writes', 'Point the address at the primary.');
  if (settings.default_transaction_read_only === 'on') {
    return fail(check, 'transactions of this role are read-only', 'Set default_transaction_read_only to off.');
  }
  return ok(check, 'it takes writes');
}

function settingsOf({ settings }: ServerFacts): Finding[] {
  const allowed = settings['nest_durable.allow_unsafe_durability'] === 'on';
  // A throw-away server may say of itself that losing is fine; the module starts on it then, too.
  const unsafe = allowed ? warn : fail;
  const lost = 'what was acknowledged may be gone after a crash of its machine';
  return [
    setting(settings, 'fsync', ['on'], (check, is) => unsafe(check, `${is}: ${lost}`, 'Set fsync to on.')),
    setting(settings, 'synchronous_commit', ['on', 'local', 'remote_write', 'remote_apply'], (check, is) =>
      unsafe(check, `${is}: ${lost}`, 'Set synchronous_commit to on, on the server or for the role or database.'),
    ),
    setting(settings, 'full_page_writes', ['on'], (check, is) =>
      warn(check, `${is}: a crash may damage tables`, 'Set it to on, unless the file system writes whole pages.'),
    ),
    setting(settings, 'autovacuum', ['on'], (check, is) =>
      warn(check, `${is}: tables grow and get slower`, 'Set autovacuum to on.'),
    ),
  ];
}

function setting(
  settings: ServerFacts['settings'],
  name: string,
  good: readonly string[],
  bad: (check: string, is: string) => Finding,
): Finding {
  const value = settings[name] ?? '';
  const is = `${name} is ${value === '' ? 'not known' : value}`;
  return good.includes(value) ? ok(`setting.${name}`, is) : bad(`setting.${name}`, is);
}

function connectionsOf({ connections, settings }: ServerFacts): Finding {
  const check = 'setting.max_connections';
  const limit = Number(settings.max_connections) - Number(settings.superuser_reserved_connections ?? 0);
  const message = `${connections} of ${limit} connections are in use`;
  if (connections < limit * MOST_CONNECTIONS) return ok(check, message);
  return warn(check, message, 'Raise max_connections, or make the pools of the applications smaller.');
}

export function judgeClock({ aheadMs, roundTripMs }: ClockFacts): Finding {
  const check = 'clock';
  const difference = Math.max(0, Math.abs(aheadMs) - roundTripMs / 2);
  const message = `the database's clock is ${Math.round(Math.abs(aheadMs))} ms ${aheadMs < 0 ? 'behind' : 'ahead'}`;
  const fix = 'Synchronise both machines (NTP): runs go by the database, dates that the application computes do not.';
  if (difference >= CLOCK_FAIL_MS) return fail(check, message, fix);
  return difference >= CLOCK_WARN_MS ? warn(check, message, fix) : ok(check, message);
}

export function judgeSessions(mode: SessionMode): Finding {
  const check = 'pooler';
  if (mode === 'own') return ok(check, 'no connection pooler hands sessions round');
  return fail(
    check,
    `a connection pooler in ${mode} mode (PgBouncer?) hands sessions round: leases, LISTEN and prepared statements are lost`,
    'Connect the application to the server itself, or to a pool in session mode.',
  );
}
