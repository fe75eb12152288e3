import { DashboardRefusal } from './dashboard-refusal.js';
import type { HttpExchange } from './http-exchange.js';

/**
 * Refuses requests that another site made a browser send. Cookies, client certificates and the like go with those, so that
 * guards let them pass.
 *
 * An order has to say where it comes from: every browser sends `Origin` with a POST, and no page can forge it. What is
 * read is refused only where the browser says that another site asks.
 *
 * @param origins further origins that count as the page's own, for a proxy that changes the `Host` header.
 * @throws DashboardRefusal
 */
export function assertSameOrigin(exchange: HttpExchange, order: boolean, origins: readonly string[]): void {
  const site = exchange.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && !order)) {
    throw crossOrigin(`The browser says that this request comes from elsewhere (${site.slice(0, 20)}).`);
  }
  if (!order) return;
  const origin = exchange.header('origin');
  if (origin === undefined) throw crossOrigin('An order needs an Origin header, as every browser sends it.');
  if (origins.includes(origin) || hostOf(origin) === exchange.header('host')) return;
  throw crossOrigin(
    'Orders are taken from the dashboard itself only. Behind a proxy that changes the Host header, name its address in the option `origins`.',
  );
}

/** @throws DashboardRefusal unless the body says that it is JSON: forms of other sites cannot. */
export function assertJson(exchange: HttpExchange): void {
  const [type] = (exchange.header('content-type') ?? '').split(';');
  if (type.trim().toLowerCase() === 'application/json') return;
  throw new DashboardRefusal('not_json', 'The content type must be application/json.');
}

function hostOf(origin: string): string | null {
  try {
    const { host, protocol } = new URL(origin);
    return protocol === 'http:' || protocol === 'https:' ? host : null;
  } catch {
    return null;
  }
}

function crossOrigin(message: string): DashboardRefusal {
  return new DashboardRefusal('cross_origin', message);
}
