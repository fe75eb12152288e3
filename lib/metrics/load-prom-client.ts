import { loadPeer, type Load } from '../common/load-peer.js';
import type { PromClient } from './durable-metrics.js';

/** @throws MissingPeerError */
export function loadPromClient(load?: Load): Promise<PromClient> {
  return loadPeer<PromClient>('prom-client', 'nest-durable/metrics', load);
}
