import type { ActionBody, RunAction } from '../../../api/dashboard-api.contract.js';

/** What somebody has typed for an order. */
export interface ActionArguments {
  readonly reason: string;
  /** Of a signal. */
  readonly name: string;
  /** JSON as typed; empty is `null`. */
  readonly payload: string;
  readonly compensate: boolean;
  /** Where a retry begins; empty for where the run gave up. */
  readonly from: string;
  /** What is skipped. */
  readonly node: string;
  /** The version to migrate to. */
  readonly to: string;
  /** Renamed nodes, one a line: `charge = pay`. */
  readonly map: string;
}

/** The longest reason that the server keeps. */
export const REASON_LENGTH = 1000;

export function emptyArguments(known: Partial<ActionArguments> = {}): ActionArguments {
  return { reason: '', name: '', payload: '', compensate: true, from: '', node: '', to: '', map: '', ...known };
}

export type ParsedArguments =
  | { readonly body: ActionBody; readonly wrong: null }
  | { readonly body: null; readonly wrong: { readonly field: keyof ActionArguments; readonly message: string } };

/** What is sent, or which field is wrong. Fields that do not belong to the action are left out. */
export function argumentsBody(action: RunAction, args: ActionArguments): ParsedArguments {
  const reason =
    args.reason.trim() === '' || action === 'signal' || action === 'resume' ? {} : { reason: args.reason.trim() };
  switch (action) {
    case 'signal':
      if (args.name.trim() === '') return wrong('name', 'A signal has a name.');
      return withPayload(args, { name: args.name.trim() });
    case 'resume':
      return withPayload(args, {});
    case 'cancel':
      return right({ ...reason, compensate: args.compensate });
    case 'retry':
      return right(args.from === '' ? reason : { ...reason, from: args.from });
    case 'skip':
      if (args.node === '') return wrong('node', 'Choose the node.');
      return withPayload(args, { ...reason, node: args.node });
    case 'migrate':
      return migration(args, reason);
    case 'pause':
    case 'unpause':
    case 'terminate':
      return right(reason);
  }
}

function right(body: ActionBody): ParsedArguments {
  return { body, wrong: null };
}

function wrong(field: keyof ActionArguments, message: string): ParsedArguments {
  return { body: null, wrong: { field, message } };
}

function withPayload(args: ActionArguments, body: ActionBody): ParsedArguments {
  if (args.payload.trim() === '') return right(body);
  try {
    return right({ ...body, payload: JSON.parse(args.payload) as unknown });
  } catch (error) {
    return wrong('payload', `This is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function migration(args: ActionArguments, reason: ActionBody): ParsedArguments {
  const to = Number(args.to);
  if (!Number.isInteger(to) || to < 1) return wrong('to', 'A version is a whole number from 1.');
  const lines = args.map.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => line.split('=').map((side) => side.trim()));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(''))) {
    return wrong('map', 'One renamed node a line: former name = present name.');
  }
  return right({
    ...reason,
    to,
    ...(pairs.length > 0 && { map: Object.fromEntries(pairs) as Record<string, string> }),
  });
}
