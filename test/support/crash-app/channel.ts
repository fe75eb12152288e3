import type { Message } from './messages.js';

/** Tells the test something. What it does not hear any more is not worth dying for. */
export function tell(message: Message): void {
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
}
