import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DEFAULT_SCHEMA } from '../default-schema.js';

/** A plan that some process registered, by content hash: a run can be read after its class is gone. For reading. */
@Entity({ schema: DEFAULT_SCHEMA, name: 'definition', synchronize: false })
export class DefinitionEntity {
  @PrimaryColumn({ type: 'text', name: 'name' })
  name!: string;

  @PrimaryColumn({ type: 'integer', name: 'version' })
  version!: number;

  @PrimaryColumn({ type: 'text', name: 'hash' })
  hash!: string;

  /** How many nodes the plan has. */
  @Column({ type: 'integer', name: 'nodes' })
  nodes!: number;

  @Column({ type: 'json', name: 'plan' })
  plan!: unknown;

  @Column({ type: 'timestamptz', name: 'registered_at' })
  registeredAt!: Date;
}
