import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/** A workflow whose runs are not executed for now; that of a single run is on its {@link RunEntity}. For reading. */
@Entity({ schema: DEFAULT_SCHEMA, name: 'pause', synchronize: false })
export class PauseEntity {
  @PrimaryColumn({ type: 'text', name: 'workflow' })
  workflow!: string;

  /** 0 stands for every version. */
  @PrimaryColumn({ type: 'integer', name: 'version' })
  version!: number;

  @Column({ type: 'timestamptz', name: 'paused_at' })
  pausedAt!: Date;

  @Column({ type: 'text', name: 'by', nullable: true })
  by!: string | null;

  @Column({ type: 'text', name: 'reason', nullable: true })
  reason!: string | null;
}
