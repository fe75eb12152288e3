import type { IconName } from '../components/icon-paths.js';

/** Places of the page, below the mount path. */
export const PLACES: readonly {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  readonly key: string;
}[] = [
  { path: '/', name: 'Overview', icon: 'overview', key: 'o' },
  { path: '/runs', name: 'Runs', icon: 'runs', key: 'r' },
  { path: '/workflows', name: 'Workflows', icon: 'workflows', key: 'w' },
  { path: '/workers', name: 'Workers', icon: 'workers', key: 'k' },
  { path: '/definitions', name: 'Definitions', icon: 'definitions', key: 'd' },
];

export function runPath(id: string): string {
  return `/runs/${encodeURIComponent(id)}`;
}

export function workflowPath(name: string, version?: number, hash?: string): string {
  const place = `/workflows/${encodeURIComponent(name)}`;
  if (version === undefined) return place;
  return `${place}/${version}${hash === undefined ? '' : `?hash=${encodeURIComponent(hash)}`}`;
}

export function comparePath(name: string, from: string, to: string): string {
  return `/compare/${encodeURIComponent(name)}?${new URLSearchParams({ from, to }).toString()}`;
}
