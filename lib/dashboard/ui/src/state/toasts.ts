import { signal } from '@preact/signals';

export interface Toast {
  readonly id: number;
  readonly tone: 'done' | 'bad' | 'running';
  readonly text: string;
}

/** Long enough to be read twice. Those that tell of a failure stay until they are dismissed. */
const SHOWN_MS = 8_000;

export const toasts = signal<readonly Toast[]>([]);
let last = 0;

export function toast(tone: Toast['tone'], text: string): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-3), { id, tone, text }];
  if (tone !== 'bad') setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}
