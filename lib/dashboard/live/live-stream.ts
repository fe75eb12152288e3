import type { ServerResponse } from 'node:http';
import type { LiveEvents } from '../api/dashboard-api.contract.js';

/** What is not read is not gathered without end: a client that far behind comes back by itself. */
const MOST_UNREAD_BYTES = 1_048_576;

/** One client of server-sent events. `onClose` is called once, whoever ended it. */
export class LiveStream {
  private closed = false;

  constructor(
    private readonly response: ServerResponse,
    onClose: () => void,
  ) {
    response.once('close', () => {
      this.closed = true;
      onClose();
    });
    // A connection that broke is closed; there is nobody to tell.
    response.on('error', () => undefined);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  send<Name extends keyof LiveEvents>(event: Name, data: LiveEvents[Name]): void {
    this.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Says nothing, and keeps proxies from taking the connection for a dead one. */
  beat(): void {
    this.write(':\n\n');
  }

  end(): void {
    if (!this.closed) this.response.end();
  }

  private write(text: string): void {
    if (this.closed) return;
    this.response.write(text);
    if (this.response.writableLength > MOST_UNREAD_BYTES) this.response.destroy();
  }
}
