import type { DashboardErrorCode, ErrorAnswer } from '../../../api/dashboard-api.contract.js';
import { BASE_PATH } from './base-path.js';

/** The server said no, or could not be asked; `message` is for people. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly code: DashboardErrorCode | 'offline',
    message: string,
    readonly field?: string,
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

/** @param path below `api/`, e.g. `runs?status=failed`. @throws RequestError */
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>(path, { signal, headers: { accept: 'application/json' } });
}

/** @throws RequestError */
export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  return send<T>(path, { method: 'POST', headers, body: JSON.stringify(body), signal });
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${BASE_PATH}api/${path}`, { ...init, credentials: 'same-origin' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RequestError(
      0,
      'offline',
      'The server cannot be reached. Nothing was changed as far as this page knows.',
    );
  }
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

async function refusal(response: Response): Promise<RequestError> {
  try {
    const { error } = (await response.json()) as ErrorAnswer;
    return new RequestError(response.status, error.code, error.message, error.field);
  } catch {
    return new RequestError(response.status, 'internal', `The server answered ${response.status}.`);
  }
}
