import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/** A signal that was sent to a run; kept for a later wait until one consumes it. For reading. */
@Entity({ schema: DEFAULT_SCHEMA, name: 'signal', synchronize: false })
export class SignalEntity {
  @PrimaryColumn({ type: 'uuid', name: 'id' })
  id!: string;

  @Column({ type: 'uuid', name: 'run_id' })
  runId!: string;

  @Column({ type: 'text', name: 'name' })
  name!: string;

  /** Waits take signals of one name in this order, which is that of their storing. */
  @Column({ type: 'integer', name: 'position' })
  position!: number;

  /** The sender's own id: a run stores one only once. */
  @Column({ type: 'text', name: 'dedupe_id', nullable: true })
  dedupeId!: string | null;

  @Column({ type: 'json', name: 'payload' })
  payload!: unknown;

  @Column({ type: 'timestamptz', name: 'sent_at' })
  sentAt!: Date;

  /** The journal key of the wait that took it. */
  @Column({ type: 'text', name: 'consumed_by', nullable: true })
  consumedBy!: string | null;
}
