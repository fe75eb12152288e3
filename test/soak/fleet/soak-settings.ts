import type { CodeVersion, PlanSpec, SoakInput } from '../workload/plan-spec.js';
import type { Vitals } from './aftermath.js';

/** Slots of a worker. With few of them, limits and takeovers of full workers are tried out too. */
export const CONCURRENCY = 20;
/** Short, so that a soak has many takeovers; and several times what a free lock takes to be noticed, so that both signs of death count. */
export const LEASE_MS = 3_000;
/** More than the nemesis can kill one run: who reaches it was given up wrongly. */
export const MAX_DELIVERIES = 50;
export const SHUTDOWN_MS = 2_000;
/** What the application's own connections are called. */
export const APPLICATION_POOL = 'soak-app';

/** How a worker process is set up; handed over in the environment. */
export interface WorkerSettings {
  readonly url: string;
  readonly ledger: string;
  readonly code: CodeVersion;
  readonly plans: readonly PlanSpec[];
}

export const SETTINGS_VARIABLE = 'SOAK_WORKER_SETTINGS';

/** Where a process kills itself, once it gets there. */
export const TRAPS = [
  'in-step',
  'in-undo',
  'before-checkpoint',
  'after-checkpoint',
  'before-commit',
  'after-commit',
] as const;
export type TrapPlace = (typeof TRAPS)[number];

export type Command =
  | {
      readonly command: 'start';
      readonly workflow: string;
      readonly version: number;
      readonly input: SoakInput;
      readonly key: string;
    }
  | {
      readonly command: 'signal';
      readonly run: string;
      readonly name: string;
      readonly payload: unknown;
      readonly id: string;
    }
  | { readonly command: 'resume'; readonly run: string; readonly data: unknown }
  | { readonly command: 'cancel'; readonly run: string; readonly compensate: boolean }
  | { readonly command: 'trap'; readonly place: TrapPlace }
  | { readonly command: 'vitals' };

export interface Request {
  readonly id: number;
  readonly command: Command;
}

export type Message =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown; readonly error: string | null };

export interface Answers {
  readonly start: string;
  readonly signal: null;
  readonly resume: null;
  readonly cancel: null;
  readonly trap: null;
  readonly vitals: Vitals;
}
