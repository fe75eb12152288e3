import type { CanActivate, DynamicModule, InjectionToken, OptionalFactoryDependency, Type } from '@nestjs/common';
import type { RunStatus } from '../definition/run-state.js';
import type { DashboardAction, RunAction, ThemeView } from './api/dashboard-api.contract.js';

/** A run as `authorize` sees it: what it is, and nothing of what it carries. */
export interface DashboardRun {
  readonly id: string;
  readonly workflowName: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly queue: string;
  readonly idempotencyKey: string | null;
  readonly tags: readonly string[];
  readonly parentRunId: string | null;
}

/**
 * Says whether a person may do something.
 *
 * @param user what {@link DashboardAccessOptions.user} found, by default what a guard left in `request.user`.
 * @param run the run; `null` where the question is about runs at large: the overview, the workers, a whole workflow.
 */
export type Authorize<User = any> = (
  user: User,
  action: DashboardAction,
  run: DashboardRun | null,
) => boolean | Promise<boolean>;

/** An order that was given through the dashboard, and what came of it. */
export interface DashboardAuditEntry {
  readonly at: Date;
  /** What the person is called, as in the audit trail. */
  readonly by: string | null;
  readonly user: unknown;
  readonly action: RunAction;
  /** `null` for an order to a workflow. */
  readonly runId: string | null;
  readonly workflowName: string;
  readonly reason: string | null;
  readonly accepted: boolean;
  /** Why it was refused. */
  readonly refusal: string | null;
}

export interface DashboardTheme {
  /** @default 'nest-durable' */
  title?: string;
  /** A path on the same origin, or a `data:image/…` URL. @default none */
  logo?: string;
  /** @default 'auto', which follows the system */
  scheme?: ThemeView['scheme'];
  /** `#rrggbb`. @default the dashboard's own */
  accent?: string;
}

/** What may be made by a factory. */
export interface DashboardAccessOptions {
  /** @default what changes nothing and shows no payloads: `(user, action) => action === 'view'` */
  authorize?: Authorize;
  /** Finds the person in a request that passed the guards. @default `request.user` */
  user?: (request: any) => unknown;
  /** What a person is called in the audit trail, at most 200 characters. @default their e-mail address, name or id */
  userName?: (user: any) => string;
  /**
   * Hears of every order, also of those that were refused, beside the audit trail in the database. What it throws is
   * logged, and changes nothing.
   *
   * @default none
   */
  audit?: (entry: DashboardAuditEntry) => void | Promise<void>;
  theme?: DashboardTheme;
  /**
   * Further origins, e.g. `https://ops.example.com`, that orders may come from: for a proxy that changes the `Host` header.
   *
   * @default the origin that the request is addressed to
   */
  origins?: readonly string[];
}

/** What decides about routes, and is known before anything is made. */
export interface DashboardMountOptions {
  /** Where it is mounted, behind the application's own global prefix. @default '/durable' */
  path?: string;
  /**
   * What lets people in, for every page, file, answer and stream: classes that Nest makes, or objects. There is no default
   * and no way around: a guard that lets everybody in is a class that says so.
   */
  guards: readonly (Type<CanActivate> | CanActivate)[];
  /** Modules that provide what the guards and the factory inject. @default [] */
  imports?: DynamicModule['imports'];
}

export interface DurableDashboardOptions extends DashboardMountOptions, DashboardAccessOptions {}

export interface DurableDashboardAsyncOptions extends DashboardMountOptions {
  useFactory: (...args: any[]) => DashboardAccessOptions | Promise<DashboardAccessOptions>;
  /** @default [] */
  inject?: (InjectionToken | OptionalFactoryDependency)[];
}

/** The options after validation. */
export interface ResolvedDashboardOptions {
  readonly authorize: Authorize;
  readonly user: (request: any) => unknown;
  readonly userName: (user: any) => string | null;
  readonly audit: ((entry: DashboardAuditEntry) => void | Promise<void>) | null;
  readonly theme: ThemeView;
  readonly origins: readonly string[];
}
