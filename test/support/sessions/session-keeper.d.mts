/** URL of the keeper, and how it is stopped. */
export interface SessionKeeper {
  readonly url: string;
  stop(): Promise<void>;
}

export declare function startSessionKeeper(target: string): Promise<SessionKeeper>;
