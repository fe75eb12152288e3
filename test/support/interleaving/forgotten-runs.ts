/**
 * Ids of parked runs that nothing will wake although what they wait for has come: a lost wake-up, which must never be seen,
 * not even for an instant. A statement's snapshot is one instant.
 */
export const FORGOTTEN_RUNS = `
select r.id from durable.run r
 where r.status = 'suspended' and r.worker_id is null and r.due_at is null
   and (r.cancel is not null
        or exists (select from durable.signal s
                    where s.run_id = r.id and s.consumed_by is null and s.name = any (r.awaiting))
        or exists (select from durable.run c where c.parent_id = r.id)
           and not exists (select from durable.run c where c.parent_id = r.id and c.finished_at is null))`;
