import { OptionReader } from '../common/option-reader.js';
import { DashboardUnguardedError, InvalidOptionError } from '../errors/index.js';
import { userName } from './access/user-name.js';
import type { ThemeView } from './api/dashboard-api.contract.js';
import type {
  Authorize,
  DashboardAccessOptions,
  DashboardMountOptions,
  DashboardTheme,
  DurableDashboardOptions,
  ResolvedDashboardOptions,
} from './dashboard.options.js';

/** Records, so that a new option which is missing here does not compile. */
const MOUNT: Record<keyof DashboardMountOptions, true> = { path: true, guards: true, imports: true };
const ACCESS: Record<keyof DashboardAccessOptions, true> = {
  authorize: true,
  user: true,
  userName: true,
  audit: true,
  theme: true,
  origins: true,
};
const THEME: Record<keyof DashboardTheme, true> = { title: true, logo: true, scheme: true, accent: true };

const MOUNT_KEYS = Object.keys(MOUNT);
const ACCESS_KEYS = Object.keys(ACCESS);
const ALL_KEYS = [...MOUNT_KEYS, ...ACCESS_KEYS];
const TITLE = 'of DurableDashboardModule';

const SEGMENTS = /^[A-Za-z0-9_~.-]+(\/[A-Za-z0-9_~.-]+)*$/;
const ACCENT = /^#[0-9a-fA-F]{6}$/;
/** SVG in an `<img>` runs no script; anything else that is no image is not shown. */
const LOGO = /^(\/(?!\/)[^\s"'<>\\]*|data:image\/(png|jpeg|gif|webp|svg\+xml)[;,][^\s"'<>]*)$/;
const SCHEMES = ['auto', 'light', 'dark'] as const;

/** By default nothing is changed, and no payload is shown. */
const READ_ONLY: Authorize = (_user, action) => action === 'view';

/** @throws InvalidOptionError for an option that is unknown. */
export function assertKnownOptions(options: unknown, async: boolean): void {
  OptionReader.of(options, {
    prefix: '',
    title: TITLE,
    keys: async ? [...MOUNT_KEYS, 'useFactory', 'inject'] : ALL_KEYS,
  });
}

/**
 * @returns the path without slashes at its ends.
 * @throws DashboardUnguardedError, InvalidOptionError
 */
export function resolveMount({ path = '/durable', guards }: DashboardMountOptions): string {
  if (!Array.isArray(guards) || guards.length === 0) throw new DashboardUnguardedError();
  for (const guard of guards as readonly unknown[]) {
    if (typeof guard === 'function' || typeof (guard as { canActivate?: unknown })?.canActivate === 'function')
      continue;
    throw new InvalidOptionError('guards', guard, 'classes or objects with canActivate(context)');
  }
  const trimmed = typeof path === 'string' ? path.replace(/^\/+|\/+$/g, '') : '';
  if (SEGMENTS.test(trimmed) && !trimmed.split('/').some((segment) => /^\.+$/.test(segment))) return trimmed;
  throw new InvalidOptionError('path', path, 'a path of letters, digits, "-", "_" and ".", e.g. "/durable"');
}

/** @throws InvalidOptionError */
export function resolveAccess(options: DashboardAccessOptions | DurableDashboardOptions): ResolvedDashboardOptions {
  const read = OptionReader.of(options, { prefix: '', title: TITLE, keys: ALL_KEYS });
  const { userName: named } = options;
  read.function('userName', userName, 'a function from the user to a name');
  read.function('audit', () => undefined, 'a function that takes an entry of the audit trail');
  return Object.freeze({
    authorize: read.function<Authorize>('authorize', READ_ONLY, 'a function (user, action, run) => boolean'),
    user: read.function('user', userOf, 'a function from the request to the user'),
    userName: named ? (user: unknown) => userName(named(user)) : userName,
    audit: options.audit ?? null,
    theme: resolveTheme(options.theme ?? {}),
    origins: resolveOrigins(options.origins ?? []),
  });
}

function userOf(request: { readonly user?: unknown }): unknown {
  return request.user;
}

function resolveTheme(theme: DashboardTheme): ThemeView {
  const read = OptionReader.of(theme, { prefix: 'theme', keys: Object.keys(THEME) });
  const { scheme = 'auto', accent, logo } = theme;
  if (!SCHEMES.includes(scheme)) throw new InvalidOptionError('theme.scheme', scheme, `one of ${SCHEMES.join(', ')}`);
  if (accent !== undefined && !ACCENT.test(accent)) {
    throw new InvalidOptionError('theme.accent', accent, 'a color such as "#0b7285"');
  }
  if (logo !== undefined && !LOGO.test(logo)) {
    throw new InvalidOptionError('theme.logo', logo, 'a path on the same origin, or a data:image/… URL');
  }
  return { title: read.name('title', 'nest-durable'), logo: logo ?? null, scheme, accent: accent ?? null };
}

function resolveOrigins(origins: readonly string[]): readonly string[] {
  const isOrigin = (origin: unknown): boolean =>
    typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin;
  if (Array.isArray(origins) && origins.every(isOrigin)) return [...origins];
  throw new InvalidOptionError('origins', origins, 'a list of origins such as "https://ops.example.com"');
}
