import type { SchemaFacts, ServerFacts } from '../../storage/contract/database-survey.contract.js';
import { fail, ok, warn, type Finding } from './finding.js';

const MIGRATE = 'Run `nest-durable migrate`, or `nest-durable migrate --sql` as a role that may.';
const GRANT = 'Grant the role what it needs: durableRolesSql() makes roles with the least rights.';

export function judgeSchema(schema: string, facts: SchemaFacts, server: ServerFacts): Finding[] {
  const role = roleOf(facts, server, schema);
  if (!facts.exists) return [role, fail('schema', `there is no schema "${schema}"`, MIGRATE)];
  if (!facts.usable) return [role];
  return [role, currentOf(schema, facts), tablesOf(schema, facts), indexesOf(facts)];
}

function roleOf(facts: SchemaFacts, server: ServerFacts, schema: string): Finding {
  const check = 'role';
  const who = `role "${server.role}"`;
  if (facts.exists && !facts.usable) return fail(check, `${who} may not use schema "${schema}"`, GRANT);
  if (!facts.exists && !server.mayCreate) {
    return warn(
      check,
      `${who} may not create a schema`,
      'Migrate as a role that may, or grant create on the database.',
    );
  }
  if (facts.unreadableTables.length > 0) {
    return fail(check, `${who} may not read ${facts.unreadableTables.join(', ')}`, GRANT);
  }
  const [works, repairs] = [facts.lacksAsWorker.length === 0, facts.lacksAsOperator.length === 0];
  if (!works && !repairs) {
    return warn(check, `${who} may only read; to execute runs it lacks ${facts.lacksAsWorker.join('; ')}`, GRANT);
  }
  const may = [works ? 'execute runs' : '', repairs ? 'repair and purge them' : ''].filter((text) => text !== '');
  return ok(check, `${who} may ${may.join(' and ')}${server.superuser ? ' (a superuser; it need not be one)' : ''}`);
}

function currentOf(schema: string, { pending, applied, newer }: SchemaFacts): Finding {
  const check = 'schema';
  if (pending.length > 0) return fail(check, `schema "${schema}" lacks ${pending.join(', ')}`, MIGRATE);
  if (newer.length > 0) {
    return warn(
      check,
      `schema "${schema}" is newer than this package: ${newer.join(', ')}`,
      'Right during a deployment; else upgrade the package.',
    );
  }
  return ok(check, `schema "${schema}" is current (${applied.at(-1) ?? 'no migration'})`);
}

function tablesOf(schema: string, { pending, missingTables }: SchemaFacts): Finding {
  if (missingTables.length === 0) return ok('tables', 'every table is there');
  const message = `missing: ${missingTables.join(', ')}`;
  if (pending.length > 0) return fail('tables', message, MIGRATE);
  return fail('tables', message, `Restore schema "${schema}" from a backup: its migrations say that they were there.`);
}

function indexesOf({ pending, missingIndexes, invalidIndexes }: SchemaFacts): Finding {
  const check = 'indexes';
  const problems = [
    missingIndexes.length > 0 ? `missing: ${missingIndexes.join(', ')}` : '',
    invalidIndexes.length > 0 ? `invalid: ${invalidIndexes.join(', ')}` : '',
  ].filter((text) => text !== '');
  if (problems.length === 0) return ok(check, 'every index is there and valid');
  const fix = 'Create what is missing as in `nest-durable migrate --sql`; REINDEX INDEX CONCURRENTLY what is invalid.';
  return fail(check, problems.join('; '), pending.length > 0 && invalidIndexes.length === 0 ? MIGRATE : fix);
}
