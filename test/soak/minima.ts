/** What a soak has to have done: less proves nothing. */
export interface SoakCounts {
  readonly kills: number;
  readonly restarts: number;
  readonly takeovers: number;
  readonly fencedWrites: number;
  readonly unknownCommits: number;
  readonly crashesInUndo: number;
}

/** Of half an hour. */
const MINIMA_OF_30_MINUTES: SoakCounts = {
  kills: 500,
  restarts: 50,
  takeovers: 100,
  fencedWrites: 20,
  unknownCommits: 20,
  crashesInUndo: 20,
};
/** A short soak on a busy machine spends much of its time on the starts of processes. */
const SHORT_MS = 5 * 60_000;
const SHORT_SHARE = 0.5;

/** The fault that makes more of what is lacking. */
export const REMEDIES: Readonly<Record<keyof SoakCounts, string>> = {
  kills: 'kill',
  restarts: 'restart-fast',
  takeovers: 'kill',
  fencedWrites: 'partition',
  unknownCommits: 'lost-answer',
  crashesInUndo: 'trap-undo',
};

/** What of it is lacking, with the number that is asked for in a soak of this length: at least one of each. */
export function lacking(counts: SoakCounts, durationMs: number): Partial<Record<keyof SoakCounts, number>> {
  const share = (durationMs / (30 * 60_000)) * (durationMs < SHORT_MS ? SHORT_SHARE : 1);
  const wanted = Object.entries(MINIMA_OF_30_MINUTES).map(([name, minimum]) => {
    return [name as keyof SoakCounts, Math.max(1, Math.floor(minimum * share))] as const;
  });
  return Object.fromEntries(wanted.filter(([name, minimum]) => counts[name] < minimum));
}
