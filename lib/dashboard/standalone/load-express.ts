import type { AbstractHttpAdapter } from '@nestjs/core';
import { loadPeer, type Load } from '../../common/load-peer.js';

interface ExpressPlatform {
  readonly ExpressAdapter: new () => AbstractHttpAdapter;
}

/**
 * What serves a dashboard of its own. Asked for here, because NestFactory ends the process when it does not find it.
 *
 * @throws MissingPeerError
 */
export async function loadExpress(load?: Load): Promise<AbstractHttpAdapter> {
  const part = 'startDashboard() of nest-durable/dashboard';
  const { ExpressAdapter } = await loadPeer<ExpressPlatform>('@nestjs/platform-express', part, load);
  return new ExpressAdapter();
}
