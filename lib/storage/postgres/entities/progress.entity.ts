import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/** What the latest `heartbeat(progress)` of a unit stored, for its next attempt to go on from. For reading. */
@Entity({ schema: DEFAULT_SCHEMA, name: 'progress', synchronize: false })
export class ProgressEntity {
  @PrimaryColumn({ type: 'uuid', name: 'run_id' })
  runId!: string;

  /** The journal key that the unit will get. */
  @PrimaryColumn({ type: 'text', name: 'key' })
  key!: string;

  @Column({ type: 'json', name: 'value' })
  value!: unknown;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;
}
