/** SQL: whether a run `r`, or its parent `p`, is one that gets no signals before the faults have stopped; by its key. */
export const IS_KEPT_WAITING = `coalesce(r.idempotency_key, p.idempotency_key, '') like 'late-%'`;
