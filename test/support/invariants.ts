import type { Client } from 'pg';

/**
 * What must hold after any crash, as questions to the ledgers and the journal. Each answers with its violations, so that
 * a test expects the empty list and shows what is wrong otherwise.
 */

export interface Violation {
  readonly run_id: string;
  readonly step: string;
  readonly what: string;
}

async function violations(client: Client, text: string): Promise<Violation[]> {
  return (await client.query<Violation>(text)).rows;
}

/**
 * A step whose journal row had been written began once more.
 *
 * @param zombie a process that stood still: what it had begun before may reach the ledger after it goes on.
 */
export function journaledStepsThatRanAgain(client: Client, { zombie = 0 } = {}): Promise<Violation[]> {
  return violations(
    client,
    `select e.run_id, e.step, 'began at ' || e.began_at || ' in pid ' || e.pid || ', journaled at ' || j.completed_at as what
       from (select run_id, step, pid, began_at from outside_effect
             union all select run_id, step, pid, began_at from inside_effect) e
       join durable.journal j on j.run_id = e.run_id and j.key = e.step
      where e.began_at > j.completed_at and e.pid <> ${zombie}`,
  );
}

/** A step began after a later step of the same run had: what was acknowledged between them is lost. */
export function stepsThatRanOutOfOrder(client: Client): Promise<Violation[]> {
  return violations(
    client,
    `with effect as (
       select e.run_id, e.step, j.position, e.began_at
         from (select run_id, step, began_at from outside_effect
               union all select run_id, step, began_at from inside_effect) e
         join durable.journal j on j.run_id = e.run_id and j.key = e.step
     )
     select a.run_id, a.step, 'began after ' || b.step as what
       from effect a join effect b on b.run_id = a.run_id and b.position > a.position and b.began_at < a.began_at`,
  );
}

/** A transactional step's effect is there twice, or without its journal row, or the row without the effect. */
export function transactionalEffectsNotOnce(client: Client, steps: readonly string[]): Promise<Violation[]> {
  const list = steps.map((step) => `'${step}'`).join(', ');
  return violations(
    client,
    `with effect as (select run_id, step, count(*)::int as times from inside_effect group by 1, 2),
          journaled as (select run_id, key as step from durable.journal where key in (${list}))
     select coalesce(e.run_id, j.run_id) as run_id, coalesce(e.step, j.step) as step,
            coalesce(e.times, 0) || ' effects, ' || case when j.run_id is null then 'no' else 'a' end || ' journal row' as what
       from effect e full join journaled j on j.run_id = e.run_id and j.step = e.step
      where e.times is distinct from 1 or j.run_id is null`,
  );
}

/** A step outside a transaction is journaled although its effect never happened to the end. */
export function journaledStepsWithoutEffect(client: Client, steps: readonly string[]): Promise<Violation[]> {
  const list = steps.map((step) => `'${step}'`).join(', ');
  return violations(
    client,
    `select j.run_id, j.key as step, 'journaled without an effect' as what
       from durable.journal j
      where j.key in (${list}) and not exists (
            select from outside_effect e where e.run_id = j.run_id and e.step = j.key and e.ended_at is not null)`,
  );
}

/** A step saw an idempotency key that is not the one of its run and name. */
export function changedKeys(client: Client): Promise<Violation[]> {
  return violations(
    client,
    `select distinct run_id, step, 'saw the key ' || key as what
       from (select run_id, step, key from outside_effect union all select run_id, step, key from inside_effect) e
      where key <> run_id || ':' || step`,
  );
}

/** A completed run does not have exactly one journal row for each of these steps. */
export function incompleteJournals(client: Client, workflow: string, steps: readonly string[]): Promise<Violation[]> {
  const list = steps.map((step) => `'${step}'`).join(', ');
  return violations(
    client,
    `select r.id as run_id, '' as step, 'journaled ' || coalesce(string_agg(j.key, ', ' order by j.position), 'nothing') as what
       from durable.run r left join durable.journal j on j.run_id = r.id
      where r.workflow = '${workflow}' and r.status = 'completed'
      group by r.id
     having array_agg(j.key order by j.position) is distinct from array[${list}]`,
  );
}

/** Steps that were begun by more than one process: the deliveries that a test is about. */
export async function stepsDeliveredAgain(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count
       from (select from outside_effect group by run_id, step having count(distinct pid) > 1) again`,
  );
  return rows[0].count;
}
