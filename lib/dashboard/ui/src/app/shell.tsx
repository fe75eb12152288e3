import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { Icon } from '../components/icon.js';
import { config } from '../state/config.js';
import { nextScheme, scheme, SCHEME_NAMES } from '../state/scheme.js';
import { useShortcuts } from '../state/shortcuts.js';
import { HelpDialog } from './help-dialog.js';
import { PLACES } from './routes.js';
import { ToastList } from './toast-list.js';

const SCHEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

/** The frame of every page: skip link, navigation, colours and help, and the page itself. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const [path, navigate] = useLocation();
  const [help, setHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  useFocusOnNavigation(path, main);
  useShortcuts(
    useMemo(
      () => ({
        ...Object.fromEntries(PLACES.map((place) => [`g ${place.key}`, () => navigate(place.path)])),
        '?': () => setHelp(true),
        t: nextScheme,
      }),
      [navigate],
    ),
  );
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <header class="rail">
        <Brand />
        <Navigation path={path} />
        <div class="rail-foot">
          <span class="who">{config.value?.user}</span>
          <div class="row">
            <SchemeButton />
            <button
              type="button"
              class="button quiet icon"
              aria-label="Keys and help"
              title="Keys (?)"
              onClick={() => setHelp(true)}
            >
              <Icon name="help" />
            </button>
          </div>
        </div>
      </header>
      <main class="main" id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
      <ToastList />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </div>
  );
}

function Brand() {
  const theme = config.value?.theme;
  return (
    <Link href="/" class="brand">
      {theme === undefined || theme.logo === null ? <Mark /> : <img src={theme.logo} alt="" width={28} height={28} />}
      <span>{theme?.title ?? 'nest-durable'}</span>
    </Link>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" class="mark">
      <rect width="32" height="32" rx="8" />
      <path d="M10 8v16M10 12c0 5 12 2 12 8" />
      <circle cx="10" cy="8" r="3" />
      <circle cx="10" cy="24" r="3" />
      <circle cx="22" cy="21" r="3" />
    </svg>
  );
}

function Navigation({ path }: { readonly path: string }) {
  const current = (place: string): boolean => (place === '/' ? path === '/' : path.startsWith(place));
  const inCompare = path.startsWith('/compare');
  return (
    <nav class="nav" aria-label="Pages">
      <ul>
        {PLACES.map((place) => (
          <li key={place.path}>
            <Link
              href={place.path}
              aria-current={current(place.path) || (inCompare && place.path === '/workflows') ? 'page' : undefined}
            >
              <Icon name={place.icon} />
              {place.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function SchemeButton() {
  const label = `Colours: ${SCHEME_NAMES[scheme.value]}`;
  return (
    <button type="button" class="button quiet icon" aria-label={label} title={`${label} (t)`} onClick={nextScheme}>
      <Icon name={SCHEME_ICONS[scheme.value]} />
    </button>
  );
}

/** Another page begins at its top, for the eye and for those who listen; the first one is left as it is. */
function useFocusOnNavigation(path: string, main: { readonly current: HTMLElement | null }): void {
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}
