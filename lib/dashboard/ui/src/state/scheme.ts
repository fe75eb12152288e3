import { effect, signal } from '@preact/signals';
import { readStored, writeStored } from './stored.js';

export const SCHEMES = ['auto', 'light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

export const SCHEME_NAMES: Readonly<Record<Scheme, string>> = {
  auto: 'as the system',
  light: 'light',
  dark: 'dark',
};

/** What the person chose; before that, what the application's theme says. */
export const scheme = signal<Scheme>('auto');

/** Draws the page in the chosen colours from now on. */
export function startScheme(): void {
  scheme.value = chosen() ?? 'auto';
  effect(() => {
    if (scheme.value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = scheme.value;
  });
}

/** What the application's theme says, which the person's own choice comes before. */
export function preferScheme(preferred: Scheme): void {
  scheme.value = chosen() ?? preferred;
}

function chosen(): Scheme | undefined {
  return SCHEMES.find((each) => each === readStored('scheme'));
}

export function nextScheme(): void {
  scheme.value = SCHEMES[(SCHEMES.indexOf(scheme.value) + 1) % SCHEMES.length];
  writeStored('scheme', scheme.value);
}
