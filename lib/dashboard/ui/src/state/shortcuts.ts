import { signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { readStored, writeStored } from './stored.js';

/** Single keys get in the way of some people's tools, so they can be switched off (WCAG 2.1.4). */
export const shortcutsOn = signal(readStored('shortcuts') !== 'off');

export function switchShortcuts(on: boolean): void {
  shortcutsOn.value = on;
  writeStored('shortcuts', on ? 'on' : 'off');
}

/** Keys by what is pressed: `?`, `/`, `x`, or two after each other: `g r`. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** A second key counts when it comes within this time of the first. */
const SEQUENCE_MS = 1_200;

/** While the component is shown, its keys do what it says; not while somebody types or a dialog is open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  // Before the next paint: keys count from the moment on that what they work on can be seen.
  useLayoutEffect(() => {
    let first: { key: string; at: number } | null = null;
    const onKey = (event: KeyboardEvent): void => {
      if (!shortcutsOn.value || event.defaultPrevented || isTaken(event)) return;
      const { key } = event;
      const pair = first !== null && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${key}` : null;
      first = { key, at: event.timeStamp };
      const action = (pair === null ? undefined : shortcuts[pair]) ?? shortcuts[key];
      if (action === undefined) return;
      event.preventDefault();
      first = null;
      action();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [shortcuts]);
}

function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target as HTMLElement;
  return (
    target.closest('input, select, textarea, [contenteditable]') !== null ||
    document.querySelector('dialog[open]') !== null
  );
}
