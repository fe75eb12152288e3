import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { StoredError } from '../../contract/records.js';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/** One failed attempt of a unit; the one that succeeds is in the journal. For reading. */
@Entity({ schema: DEFAULT_SCHEMA, name: 'attempt', synchronize: false })
export class AttemptEntity {
  @PrimaryColumn({ type: 'uuid', name: 'run_id' })
  runId!: string;

  /** The journal key that the unit would have got. */
  @PrimaryColumn({ type: 'text', name: 'key' })
  key!: string;

  /** The claim under which it failed. */
  @PrimaryColumn({ type: 'integer', name: 'epoch' })
  epoch!: number;

  /** 1-based; begins again after an operator's retry. */
  @PrimaryColumn({ type: 'integer', name: 'attempt' })
  attempt!: number;

  /** No other attempt followed. */
  @Column({ type: 'boolean', name: 'final' })
  final!: boolean;

  @Column({ type: 'real', name: 'duration_ms' })
  durationMs!: number;

  @Column({ type: 'timestamptz', name: 'failed_at' })
  failedAt!: Date;

  @Column({ type: 'json', name: 'error' })
  error!: StoredError;
}
