import type { Failpoint } from './specification.mjs';

export interface Answer {
  readonly command: string;
}
type Send = (text: string) => Promise<Answer>;

export class Failpoints {
  constructor(armed: readonly Failpoint[], world?: object);
  wrap(
    client: object,
    statement: { readonly text: string; readonly values: readonly unknown[] },
    run: () => Promise<Answer>,
    send: Send,
  ): Promise<Answer>;
}
