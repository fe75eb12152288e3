import { MissingPeerError } from '../errors/index.js';

/** Imports a package by a name that only the running program knows, so that the compiler leaves it alone. */
export type Load = (name: string) => Promise<unknown>;

/**
 * An optional peer, where it is installed. Peers that are CommonJS have their names on the default export.
 *
 * @param part the entry point that needs it.
 * @throws MissingPeerError
 */
export async function loadPeer<T extends object>(
  peer: string,
  part: string,
  load: Load = (name) => import(name),
): Promise<T> {
  try {
    const loaded = (await load(peer)) as T & { readonly default?: T };
    return loaded.default ?? loaded;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MissingPeerError(peer, part, { cause: error });
  }
}
