import { AttemptEntity } from './attempt.entity.js';
import { DefinitionEntity } from './definition.entity.js';
import { JournalArchiveEntity } from './journal-archive.entity.js';
import { JournalEntity } from './journal.entity.js';
import { OperationEntity } from './operation.entity.js';
import { PauseEntity } from './pause.entity.js';
import { ProgressEntity } from './progress.entity.js';
import { RunEntity } from './run.entity.js';
import { SignalEntity } from './signal.entity.js';
import { WorkerEntity } from './worker.entity.js';

/**
 * Every entity of this package, for the `entities` of a DataSource that does not load them by itself.
 *
 * They never take part in `synchronize` and in generated migrations: the tables belong to the package's own migrations.
 *
 * @example
 * ```ts
 * TypeOrmModule.forRoot({ type: 'postgres', url, entities: [Order, ...durableEntities] });
 * ```
 */
export const durableEntities = [
  RunEntity,
  JournalEntity,
  AttemptEntity,
  ProgressEntity,
  SignalEntity,
  WorkerEntity,
  DefinitionEntity,
  OperationEntity,
  JournalArchiveEntity,
  PauseEntity,
] as const;
