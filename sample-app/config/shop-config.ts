import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/index.js';

export const SHOP_ROLES = ['web', 'worker', 'all'] as const;

export type ShopRole = (typeof SHOP_ROLES)[number];

/** Thirty days; more would be a mistake of units. */
const LONGEST_WAIT_MS = 30 * 24 * 3_600_000;

/**
 * Everything the shop can be told from outside, validated. Injectable as a class, built once at start-up.
 *
 * @example
 * ```ts
 * const config = ShopConfig.fromEnv(process.env, databaseUrl);
 * ```
 */
export class ShopConfig {
  /** What this process does: answer HTTP, execute orders, or both. @default 'all' */
  readonly role: ShopRole;
  /** HTTP port; 0 takes a free one. @default 3000 */
  readonly port: number;
  readonly databaseUrl: string;
  /** Orders that this process works on at one time. @default 50 */
  readonly concurrency: number;
  /** Mean time in milliseconds that a call to the simulated payment provider or a carrier takes. @default 150 */
  readonly latencyMs: number;
  /** Milliseconds in which a customer can think again before anything is charged. @default 2000 */
  readonly graceMs: number;
  /** Milliseconds that carriers estimate for a parcel. @default 5000 */
  readonly transitMs: number;
  /** What lets operators into the dashboard. @default a new one with each start, which is printed */
  readonly operatorPassword: string;
  /** For tests. @default the database's clock */
  readonly clock: Clock | undefined;

  constructor(values: Pick<ShopConfig, 'databaseUrl'> & Partial<ShopConfig>) {
    this.role = values.role ?? 'all';
    this.port = values.port ?? 3000;
    this.databaseUrl = values.databaseUrl;
    this.concurrency = values.concurrency ?? 50;
    this.latencyMs = values.latencyMs ?? 150;
    this.graceMs = values.graceMs ?? 2_000;
    this.transitMs = values.transitMs ?? 5_000;
    this.operatorPassword = values.operatorPassword || randomBytes(12).toString('base64url');
    this.clock = values.clock;
  }

  /** @throws Error naming the variable, its value and what is allowed. */
  static fromEnv(env: NodeJS.ProcessEnv, databaseUrl: string): ShopConfig {
    return new ShopConfig({
      databaseUrl,
      role: readRole(env.ROLE),
      operatorPassword: env.OPERATOR_PASSWORD,
      port: readInteger(env, 'PORT', { min: 0, max: 65_535 }),
      concurrency: readInteger(env, 'CONCURRENCY', { min: 1, max: 10_000 }),
      latencyMs: readInteger(env, 'LATENCY_MS', { min: 0, max: 60_000 }),
      graceMs: readInteger(env, 'GRACE_MS', { min: 0, max: LONGEST_WAIT_MS }),
      transitMs: readInteger(env, 'TRANSIT_MS', { min: 0, max: LONGEST_WAIT_MS }),
    });
  }

  get servesHttp(): boolean {
    return this.role !== 'worker';
  }

  get executesOrders(): boolean {
    return this.role !== 'web';
  }
}

function readRole(value: string | undefined): ShopRole | undefined {
  if (value === undefined || value === '') return undefined;
  const role = SHOP_ROLES.find((known) => known === value);
  if (role === undefined) throw new Error(`ROLE=${value}: must be one of ${SHOP_ROLES.join(', ')}`);
  return role;
}

function readInteger(
  env: NodeJS.ProcessEnv,
  name: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw new Error(`${name}=${text}: must be a whole number from ${range.min} to ${range.max}`);
  }
  return value;
}
