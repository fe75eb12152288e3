/**
 * Tells the one who started a run, in the same process, that its last step has been executed. It is more than peers offer:
 * nobody polls, and the commit of the last step is not waited for.
 */
export class RunEnds {
  private next = 0;
  private readonly waiting = new Map<number, () => void>();

  expect(): { key: number; ended: Promise<void> } {
    const key = this.next++;
    return { key, ended: new Promise((resolve) => this.waiting.set(key, resolve)) };
  }

  end(key: number): void {
    this.waiting.get(key)?.();
    this.waiting.delete(key);
  }
}
