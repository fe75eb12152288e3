import type { PlanCheck } from '../../runner/plan-report.interface.js';
import type { DatabaseSurvey } from '../../storage/contract/database-survey.contract.js';
import { ok, type Finding } from './finding.js';
import { judgeBacklog, judgePlans, judgeStopped, judgeWorkers } from './judge-runs.js';
import { judgeSchema } from './judge-schema.js';
import { judgeClock, judgeSessions, judgeServer } from './judge-server.js';

/** Compares runs in flight with the code, or says why that is not possible. */
export type CheckPlans = () => Promise<readonly PlanCheck[] | Finding>;

/**
 * Asks everything that can be asked, and judges each answer. What builds upon something that is missing is left out.
 *
 * @param checkPlans `null` where there is no code to compare with.
 * @throws the driver's error when the database cannot be reached.
 */
export async function examine(
  survey: DatabaseSurvey,
  schema: string,
  checkPlans: CheckPlans | null,
): Promise<Finding[]> {
  const server = await survey.server();
  const sessions = judgeSessions(await survey.sessions());
  const facts = await survey.schema();
  const findings = [
    ...[ok('database', `${server.database}, as ${server.role}`), ...judgeServer(server)],
    ...[judgeClock(await survey.clock()), sessions, ...judgeSchema(schema, facts, server)],
  ];
  const complete = facts.usable && facts.missingTables.length === 0 && facts.unreadableTables.length === 0;
  if (!complete) return findings;
  const workers = await survey.workers();
  findings.push(
    judgeWorkers(workers),
    judgeBacklog(await survey.backlog(), workers),
    judgeStopped(await survey.stopped()),
  );
  const checks = checkPlans === null ? null : await checkPlans();
  findings.push(checks !== null && 'check' in checks ? checks : judgePlans(checks));
  return findings;
}
