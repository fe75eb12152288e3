import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/** A process that executes runs, and the lease of everything that it holds. For reading. */
@Entity({ schema: DEFAULT_SCHEMA, name: 'worker', synchronize: false })
export class WorkerEntity {
  /** New at every start of a process. */
  @PrimaryColumn({ type: 'uuid', name: 'id' })
  id!: string;

  /** What people call it; several may share one. */
  @Column({ type: 'text', name: 'name' })
  name!: string;

  @Column({ type: 'text', name: 'queue' })
  queue!: string;

  @Column({ type: 'text', name: 'host' })
  host!: string;

  @Column({ type: 'integer', name: 'pid' })
  pid!: number;

  /** `name@version` of every workflow that it executes. */
  @Column({ type: 'text', array: true, name: 'workflows' })
  workflows!: string[];

  /** Runs that it executes at one time. */
  @Column({ type: 'integer', name: 'slots' })
  slots!: number;

  /** Key of the session advisory lock that its connection holds; too large for a number. */
  @Column({ type: 'bigint', name: 'lock_key' })
  lockKey!: string;

  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'heartbeat_at' })
  heartbeatAt!: Date;

  /** The worker counts as dead from then on. */
  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
