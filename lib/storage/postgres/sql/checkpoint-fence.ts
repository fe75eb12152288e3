/**
 * The second half of a checkpoint's fence, of a run's row `r` and a checkpoint `i`, whose epochs match.
 *
 * A row of that epoch without a holder has been let go by an earlier try of this very checkpoint, whose answer was lost: a
 * claim would have raised the epoch. The try counts as written then, and nothing is: whatever came in since made the row due,
 * and belongs to whoever claims it. What would go on with the run does not hold it any more.
 */
export const STANDS = '(r.worker_id is not null or not coalesce(i.held, true))';
