/** Everything about a run but its payload, of the rows that `runsFrom` of run-progress.sql.ts gives. */
export const RUN_COLUMNS = `r.id, r.workflow, r.version, r.plan_hash, r.status, r.queue, r.priority, r.idempotency_key,
       greatest(r.cursor, progress.cursor) as cursor, r.epoch, r.deliveries, r.retried_epoch, r.worker_id,
       r.due_at, r.paused_at, r.deadline_at, r.awaiting, r.cancel, r.error, r.parent_id, r.parent_key, r.tags,
       r.created_at, r.started_at, greatest(r.updated_at, progress.at) as updated_at, r.finished_at`;
