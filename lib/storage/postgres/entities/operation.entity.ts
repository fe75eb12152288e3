import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OperatorAction } from '../../contract/run-repair.contract.js';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/** An order that somebody gave to a run or a workflow, and what it changed: the audit trail. Immutable; for reading. */
@Entity({ schema: DEFAULT_SCHEMA, name: 'operation', synchronize: false })
export class OperationEntity {
  /** UUIDv7: ids grow with time. */
  @PrimaryColumn({ type: 'uuid', name: 'id' })
  id!: string;

  /** Null for an order to a workflow. */
  @Column({ type: 'uuid', name: 'run_id', nullable: true })
  runId!: string | null;

  @Column({ type: 'text', name: 'workflow' })
  workflow!: string;

  /** Null for an order to every version. */
  @Column({ type: 'integer', name: 'version', nullable: true })
  version!: number | null;

  @Column({ type: 'text', name: 'action' })
  action!: OperatorAction;

  @Column({ type: 'timestamptz', name: 'at' })
  at!: Date;

  /** Who gave the order, as the caller named them. */
  @Column({ type: 'text', name: 'by', nullable: true })
  by!: string | null;

  @Column({ type: 'text', name: 'reason', nullable: true })
  reason!: string | null;

  /** The parts of the run that the order changed, before it. */
  @Column({ type: 'json', name: 'before', nullable: true })
  before!: unknown;

  /** The same parts after it. */
  @Column({ type: 'json', name: 'after', nullable: true })
  after!: unknown;
}
