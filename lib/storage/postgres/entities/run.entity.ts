import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RunStatus } from '../../../definition/run-state.js';
import type { CancelRequest, StoredError } from '../../contract/records.js';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/**
 * One execution of a workflow. For reading: the engine moves runs with fenced statements, and a save() from outside would
 * be overwritten or break a lease. Results are in the journal ({@link JournalEntity}), never here.
 */
@Entity({ schema: DEFAULT_SCHEMA, name: 'run', synchronize: false })
export class RunEntity {
  /** UUIDv7: ids grow with the time of creation. */
  @PrimaryColumn({ type: 'uuid', name: 'id' })
  id!: string;

  @Column({ type: 'text', name: 'workflow' })
  workflow!: string;

  @Column({ type: 'integer', name: 'version' })
  version!: number;

  /** Hash of the plan that the run was started with; its text is a {@link DefinitionEntity}. */
  @Column({ type: 'text', name: 'plan_hash' })
  planHash!: string;

  @Column({ type: 'text', name: 'status' })
  status!: RunStatus;

  @Column({ type: 'text', name: 'queue' })
  queue!: string;

  /** Higher ones are claimed first. */
  @Column({ type: 'smallint', name: 'priority' })
  priority!: number;

  /** Unique within a workflow. */
  @Column({ type: 'text', name: 'idempotency_key', nullable: true })
  idempotencyKey!: string | null;

  /** What it was labelled with when it was started. */
  @Column({ type: 'text', name: 'tags', array: true, default: {} })
  tags!: string[];

  /**
   * Index of the node to execute next. While a worker holds the run, its journal says how far it has come since the claim:
   * the greatest `cursor` of the rows with the run's `epoch`.
   */
  @Column({ type: 'integer', name: 'cursor' })
  cursor!: number;

  /** The fencing token: rises with every claim. */
  @Column({ type: 'integer', name: 'epoch' })
  epoch!: number;

  /** Deliveries since the run last made progress. */
  @Column({ type: 'smallint', name: 'deliveries' })
  deliveries!: number;

  /** Failed attempts of this epoch and earlier ones were forgiven by an operator's retry. */
  @Column({ type: 'integer', name: 'retried_epoch' })
  retriedEpoch!: number;

  /** Rises with every signal, end of a child and cancel. */
  @Column({ type: 'integer', name: 'wakeups' })
  wakeups!: number;

  /** The {@link WorkerEntity} that holds the run now. */
  @Column({ type: 'uuid', name: 'worker_id', nullable: true })
  workerId!: string | null;

  /** When a worker may claim it; null while it is held, has ended, or waits for something other than time. */
  @Column({ type: 'timestamptz', name: 'due_at', nullable: true })
  dueAt!: Date | null;

  /** Set while an operator keeps the run from being claimed. */
  @Column({ type: 'timestamptz', name: 'paused_at', nullable: true })
  pausedAt!: Date | null;

  /** When the run as a whole is given up. */
  @Column({ type: 'timestamptz', name: 'deadline_at', nullable: true })
  deadlineAt!: Date | null;

  /** What a parked run waits for. */
  @Column({ type: 'text', name: 'awaiting', array: true, nullable: true })
  awaiting!: string[] | null;

  @Column({ type: 'uuid', name: 'parent_id', nullable: true })
  parentId!: string | null;

  /** The journal key of the parent's node that started it. */
  @Column({ type: 'text', name: 'parent_key', nullable: true })
  parentKey!: string | null;

  /** What becomes of it when its parent ends first: `cancel`, `terminate` or `abandon`. */
  @Column({ type: 'text', name: 'parent_close', nullable: true })
  parentClose!: string | null;

  /** The trace context (W3C `traceparent`) that the run's spans belong to, where its start was traced. */
  @Column({ type: 'text', name: 'trace', nullable: true })
  trace!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  /** When a worker first held it. */
  @Column({ type: 'timestamptz', name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** Set once somebody asked for a cancel. */
  @Column({ type: 'json', name: 'cancel', nullable: true })
  cancel!: CancelRequest | null;

  /** Why it failed, or is failing. */
  @Column({ type: 'json', name: 'error', nullable: true })
  error!: StoredError | null;

  @Column({ type: 'json', name: 'input' })
  input!: unknown;
}
