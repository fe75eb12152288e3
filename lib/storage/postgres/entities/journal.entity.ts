import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JournalKind } from '../../../definition/journal-key.js';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/** One finished unit of a run, and the only place where its result is stored. Immutable once committed; for reading. */
@Entity({ schema: DEFAULT_SCHEMA, name: 'journal', synchronize: false })
export class JournalEntity {
  @PrimaryColumn({ type: 'uuid', name: 'run_id' })
  runId!: string;

  /** `node`, `node.branch`, `node#iteration` or `undo:node`. */
  @PrimaryColumn({ type: 'text', name: 'key' })
  key!: string;

  @Column({ type: 'text', name: 'kind' })
  kind!: JournalKind;

  /** The order of completion within the run, from 0. */
  @Column({ type: 'integer', name: 'position' })
  position!: number;

  /** The attempt that succeeded, 1-based. */
  @Column({ type: 'smallint', name: 'attempt' })
  attempt!: number;

  /** The claim under which it was written. */
  @Column({ type: 'integer', name: 'epoch' })
  epoch!: number;

  /** Index of the node that the run went on with; 0 where the row did not move it. */
  @Column({ type: 'integer', name: 'cursor' })
  cursor!: number;

  /** Milliseconds that the successful attempt took. */
  @Column({ type: 'real', name: 'duration_ms' })
  durationMs!: number;

  @Column({ type: 'timestamptz', name: 'completed_at' })
  completedAt!: Date;

  @Column({ type: 'json', name: 'result' })
  result!: unknown;
}
