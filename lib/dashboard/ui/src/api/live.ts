import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { LiveEvents } from '../../../api/dashboard-api.contract.js';
import { BASE_PATH } from './base-path.js';

export type LiveState = 'on' | 'connecting' | 'off';

/** Whether what is on the screen follows the database by itself. */
export const liveState = signal<LiveState>('off');

/** Long enough not to trouble a server that is starting, short enough that nobody reloads the page for it. */
const REOPEN_MS = 5_000;

type Listeners = { readonly [Name in keyof LiveEvents]?: (data: LiveEvents[Name]) => void };

/**
 * Listens to the server for as long as the component is shown; `null` listens to nothing. `EventSource` comes back by
 * itself after a break.
 *
 * @param query e.g. `topic=run&id=…`; another one closes the stream and opens another.
 */
export function useLive(query: string | null, listeners: Listeners): void {
  const current = useRef(listeners);
  current.current = listeners;

  useEffect(() => {
    if (query === null) return;
    const listen = (source: EventSource, name: keyof LiveEvents): void =>
      source.addEventListener(name, (event) => {
        liveState.value = 'on';
        const data: unknown = JSON.parse((event as MessageEvent<string>).data);
        (current.current[name] as ((data: unknown) => void) | undefined)?.(data);
      });
    return keepOpen(`${BASE_PATH}api/events?${query}`, (source) => {
      for (const name of ['hello', 'overview', 'run', 'runs', 'trouble'] as const) listen(source, name);
    });
  }, [query]);
}

/**
 * A stream that is opened again after every end. `EventSource` does so itself after a break, but gives up when it is
 * answered with an error, as by a proxy whose server is being deployed.
 *
 * @returns closes it.
 */
function keepOpen(url: string, prepare: (source: EventSource) => void): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    liveState.value = 'connecting';
    source = new EventSource(url);
    prepare(source);
    source.onerror = () => {
      const over = source.readyState === EventSource.CLOSED;
      liveState.value = over ? 'off' : 'connecting';
      if (over) timer = setTimeout(open, REOPEN_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
    liveState.value = 'off';
  };
}
