import { useEffect, useRef } from 'preact/hooks';
import type { Resource } from './resource.js';

/** Counts that are older than this make a page look stuck. */
const PAUSE_MS = 3_000;
/** What takes long is asked for seldom: a filter that reads a large table must not keep a connection busy all the time. */
const SHARE = 10;

/** Asks again a while after each answer, the longer that took the later, as long as the page is looked at. */
export function usePatientRefresh({ loading, reload }: Pick<Resource<unknown>, 'loading' | 'reload'>): void {
  const asked = useRef(0);
  useEffect(() => {
    if (loading) {
      asked.current = Date.now();
      return;
    }
    const pause = Math.max(PAUSE_MS, SHARE * (Date.now() - asked.current));
    const timer = setInterval(() => document.hidden || reload(), pause);
    return () => clearInterval(timer);
  }, [loading, reload]);
}
