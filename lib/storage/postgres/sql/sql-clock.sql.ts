/**
 * The time a statement uses: the clock that a test passed in, else the database's. `statement_timestamp()` rather than
 * `now()`, because a transactional step's last statement runs long after its transaction began, and rather than
 * `clock_timestamp()`, which is volatile and would keep the planner from using an index on `due_at`.
 */
export function nowSql(parameter: number): string {
  return `coalesce($${parameter}::timestamptz, statement_timestamp())`;
}
