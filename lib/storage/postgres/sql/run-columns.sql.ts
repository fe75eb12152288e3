/** Everything about a run, as `r`, but its payload. */
export const RUN_COLUMNS = `r.id, r.workflow, r.version, r.plan_hash, r.status, r.queue, r.priority, r.idempotency_key,
       r.cursor, r.epoch, r.deliveries, r.retried_epoch, r.worker_id, r.due_at, r.paused_at, r.deadline_at, r.awaiting, r.cancel, r.error,
       r.parent_id, r.parent_key, r.tags, r.created_at, r.started_at, r.updated_at, r.finished_at`;
