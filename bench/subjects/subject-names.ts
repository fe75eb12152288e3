import { installedVersion, isInstalled } from './peers/peer-package.js';

export const OURS = 'nest-durable';
export const UNGROUPED = 'nest-durable, one commit a step';

/** The other engines, and what npm installs them by. */
export const PEER_PACKAGES = {
  'pg-boss': 'pg-boss',
  openworkflow: 'openworkflow',
  'graphile-worker': 'graphile-worker',
  dbos: '@dbos-inc/dbos-sdk',
} as const;
export type PeerName = keyof typeof PEER_PACKAGES;
export const PEER_NAMES = Object.keys(PEER_PACKAGES) as PeerName[];

/** Peers that cannot be measured from npm alone. */
const LEFT_OUT = { absurd: 'its package on npm has no schema in it, and the tool that installs one is not on npm' };

export interface Peers {
  /** Names, with versions. */
  readonly present: Readonly<Record<string, string>>;
  /** Why the others are not measured. */
  readonly missing: Readonly<Record<string, string>>;
}

/** The peers that can be measured here. */
export function findPeers(): Peers {
  const present: Record<string, string> = {};
  const missing: Record<string, string> = { ...LEFT_OUT };
  for (const name of PEER_NAMES) {
    const of = PEER_PACKAGES[name];
    if (isInstalled(of)) present[name] = installedVersion(of);
    else missing[name] = 'not installed: npm run bench:peers';
  }
  return { present, missing };
}
