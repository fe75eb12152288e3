/** One turn shows it as a rule. On a machine that does other things a turn may show those instead. */
const MOST_TURNS = 5;

/**
 * Does something until it comes out well, at the most five times, and returns what came out last. For what has to be done
 * within a time: other work on the machine only ever adds to it, so that a further turn may show what the code takes, and
 * none does when the code is what takes so long.
 */
export async function inTurns<T>(turn: () => Promise<T>, isWell: (result: T) => boolean): Promise<T> {
  let result = await turn();
  for (let turns = 1; turns < MOST_TURNS && !isWell(result); turns++) result = await turn();
  return result;
}
