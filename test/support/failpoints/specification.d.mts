export interface Failpoint {
  readonly point: string;
  readonly place: string;
  readonly action: string;
  readonly argument: string | null;
  readonly hit: number | null;
}
export const ACTIONS: Readonly<Record<string, string>>;
export class FailpointSpecificationError extends Error {
  constructor(part: string, problem: string);
}
export function parseFailpoints(text: string): Failpoint[];
