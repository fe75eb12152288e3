import type { IconName } from '../components/icon-paths.js';

/** What is laid over one box. */
export interface NodeLook {
  /** Colours it, see `tokens.css`. */
  readonly tone: string;
  /** The state in words: "done", "3 runs are here". */
  readonly says: string;
  readonly icon: IconName | null;
  /** A short text at its right. */
  readonly mark?: string;
  /** Drawn faintly: it has not been reached, or is only in the other plan. */
  readonly faint?: boolean;
}
