/** What the doctor found. `fix` says what to do, and is empty where all is well. */
export interface Finding {
  /** Stable: `database.version`. */
  readonly check: string;
  /** `fail`: runs are lost or stand still. `warn`: they may. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly message: string;
  readonly fix: string | null;
}

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message, fix: null });
export const warn = (check: string, message: string, fix: string): Finding => ({ check, level: 'warn', message, fix });
export const fail = (check: string, message: string, fix: string): Finding => ({ check, level: 'fail', message, fix });
