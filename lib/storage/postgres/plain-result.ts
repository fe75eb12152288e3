import { DeleteResult, InsertResult, UpdateResult } from 'typeorm';

/** The part of TypeORM's results of writes that is data; what the driver returned is not. */
interface WriteResult {
  readonly identifiers?: readonly unknown[];
  readonly affected?: number | null;
}

/**
 * What a transactional step returned, as it can be journaled: TypeORM's results of inserts, updates and deletes become
 * `{ identifiers?, affected? }`, alone or in an array. Anything else is returned as it is.
 */
export function plainResult(returned: unknown): unknown {
  if (Array.isArray(returned) && returned.some(isWriteResult)) return returned.map(plainOne);
  return plainOne(returned);
}

function plainOne(returned: unknown): unknown {
  if (!isWriteResult(returned)) return returned;
  const { identifiers, affected } = returned;
  return {
    ...(identifiers === undefined ? {} : { identifiers: identifiers.map(plainIdentifier) }),
    ...(typeof affected === 'number' ? { affected } : {}),
  };
}

/** A row without a primary key has no identifier; keys that are dates are journaled as text. */
function plainIdentifier(identifier: unknown): unknown {
  if (typeof identifier !== 'object' || identifier === null) return null;
  const entries = Object.entries(identifier).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]: [string, unknown]) => [key, value instanceof Date ? value.toISOString() : value]),
  );
}

function isWriteResult(value: unknown): value is WriteResult {
  return value instanceof InsertResult || value instanceof UpdateResult || value instanceof DeleteResult;
}
