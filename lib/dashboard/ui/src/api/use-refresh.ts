import { useEffect } from 'preact/hooks';

/** Heartbeats and counts of what is in flight change about as often; asking more often shows nothing new. */
const ASK_EVERY_MS = 5_000;

/** Asks again from time to time, as long as the page is looked at: for what has no stream of its own. */
export function useRefresh(reload: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => document.hidden || reload(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
}
