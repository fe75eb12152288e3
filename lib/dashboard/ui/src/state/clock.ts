import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** How far the database's clock is ahead of the browser's, in milliseconds, by the last answer that said so. */
let ahead = 0;

/** The database's time, in milliseconds since the epoch; moves once a second. Reading it in a component follows it. */
export const now = signal(Date.now());

/** Takes the `now` of an answer. */
export function setDatabaseTime(time: string): void {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return;
  ahead = at - Date.now();
  now.value = at;
}

/** Sets the page's clock by every new answer. */
export function useDatabaseTime(answer: { readonly now: string } | null): void {
  useEffect(() => {
    if (answer !== null) setDatabaseTime(answer.now);
  }, [answer]);
}

/** Starts the ticking, once for the page. */
export function startClock(): void {
  setInterval(() => (now.value = Date.now() + ahead), 1000);
}
