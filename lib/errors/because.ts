import { cut } from './show-value.js';

/** ` (message)` of an error, to be put into another message; empty when there is nothing to say. */
export function because(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : '';
  return message === '' ? '' : ` (${cut(message, 200)})`;
}
