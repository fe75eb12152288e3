/** Lets one call after the other through: a connection takes one statement at a time. */
export function inTurn<Args extends unknown[], Result>(
  call: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let tail: Promise<unknown> = Promise.resolve();
  return (...args) => {
    const turn = tail.then(() => call(...args));
    tail = turn.catch(() => undefined);
    return turn;
  };
}
