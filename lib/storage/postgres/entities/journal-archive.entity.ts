import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JournalKind } from '../../../definition/journal-key.js';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/**
 * A journal row that an operator's order took out of a run, as it stood: the run goes on as if the unit had never
 * finished. Immutable; for reading.
 */
@Entity({ schema: DEFAULT_SCHEMA, name: 'journal_archive', synchronize: false })
export class JournalArchiveEntity {
  @PrimaryColumn({ type: 'uuid', name: 'run_id' })
  runId!: string;

  /** The {@link OperationEntity} that took it out. */
  @PrimaryColumn({ type: 'uuid', name: 'operation_id' })
  operationId!: string;

  @PrimaryColumn({ type: 'text', name: 'key' })
  key!: string;

  @Column({ type: 'text', name: 'kind' })
  kind!: JournalKind;

  @Column({ type: 'integer', name: 'position' })
  position!: number;

  @Column({ type: 'smallint', name: 'attempt' })
  attempt!: number;

  @Column({ type: 'integer', name: 'epoch' })
  epoch!: number;

  /** Index of the node that the run went on with; 0 where the row did not move it. */
  @Column({ type: 'integer', name: 'cursor' })
  cursor!: number;

  @Column({ type: 'real', name: 'duration_ms' })
  durationMs!: number;

  @Column({ type: 'timestamptz', name: 'completed_at' })
  completedAt!: Date;

  @Column({ type: 'json', name: 'result' })
  result!: unknown;
}
