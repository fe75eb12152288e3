import type { DurableEngine } from '../../lib/durable.engine.js';
import type { CheckpointWriter } from '../../lib/engine/journal/checkpoint-writer.js';
import type { Checkpoint } from '../../lib/storage/contract/records.js';
import { toOutcomes } from '../../lib/storage/postgres/checkpoint-outcomes.js';
import { EnginePool } from '../../lib/storage/postgres/connection/engine-pool.js';
import type { CheckpointRow } from '../../lib/storage/postgres/rows.js';
import { checkpointRuns } from '../../lib/storage/postgres/sql/checkpoint.sql.js';
import { DurableSubject } from './durable.subject.js';
import type { Subject, SubjectSpec } from './subject.interface.js';

const SCHEMA = '"durable"';
const TIMEOUT_MS = 15_000;
/** Of 4, 8, 16 and 32 one run found this the best on two cores, another 32. */
const CONNECTIONS = 16;

/**
 * From now on the engine writes one commit a step: each checkpoint is sent by itself, with the same statement, over so many
 * connections. What is left out is the grouping and nothing else.
 *
 * @returns what ends it.
 */
export function writeUngrouped(
  engine: DurableEngine,
  { url, connections }: { readonly url: string; readonly connections: number },
): () => Promise<void> {
  const pool = new EnginePool(
    { connectionString: url },
    { role: 'bench', statementTimeoutMs: TIMEOUT_MS },
    connections,
  );
  const { members } = engine.worker as unknown as { members: { writer: CheckpointWriter } };
  const { writer } = members;
  writer.write = async (checkpoint: Checkpoint) => {
    const { rows } = await pool.query<CheckpointRow>(checkpointRuns(SCHEMA, [checkpoint], null));
    return toOutcomes([checkpoint], rows)[0];
  };
  return async () => {
    // The method of the class is visible again.
    Reflect.deleteProperty(writer, 'write');
    await pool.close();
  };
}

/** nest-durable without its group commit: what the rest of it gains or costs. */
export async function startUngrouped(spec: SubjectSpec, onStep: () => void): Promise<Subject> {
  const subject = await DurableSubject.start(spec, onStep);
  writeUngrouped(subject.engine, { url: spec.url, connections: CONNECTIONS });
  return {
    settings: `concurrency ${spec.inFlight}, each checkpoint by itself over ${CONNECTIONS} connections`,
    run: (plan) => subject.run(plan),
    start: (plan) => subject.start(plan),
    startMany: subject.startMany,
    parking: subject.parking,
  };
}
