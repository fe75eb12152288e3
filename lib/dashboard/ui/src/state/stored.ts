/** What the browser remembers of the person's choices. Where it may not (private windows), choices last as long as the page. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(`durable.${key}`);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    localStorage.setItem(`durable.${key}`, value);
  } catch {
    // Not remembered; nothing else depends on it.
  }
}
