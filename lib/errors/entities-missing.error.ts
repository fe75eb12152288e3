import { DurableError } from './durable.error.js';

/** The application's DataSource does not know the entities of this package. */
export class EntitiesMissingError extends DurableError {
  static override readonly code: string = 'DURABLE_ENTITIES_MISSING';

  constructor(
    readonly dataSource: string | undefined,
    readonly missing: readonly string[],
  ) {
    super(EntitiesMissingError.code, describe(dataSource, missing));
  }
}

function describe(dataSource: string | undefined, missing: readonly string[]): string {
  const which = dataSource === undefined ? 'The default DataSource' : `DataSource "${dataSource}"`;
  return (
    `${which} does not know the entities ${missing.join(', ')}. ` +
    'Set autoLoadEntities: true in TypeOrmModule.forRoot, or add them: entities: [...durableEntities].'
  );
}
