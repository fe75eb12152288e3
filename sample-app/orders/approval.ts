/** A person's decision on an order, or the shop's own. */
export interface Approval {
  readonly approved: boolean;
  readonly by: string;
}

/** The signal that brings an {@link Approval}. */
export const APPROVAL_SIGNAL = 'approval';

/** The first decision on an order counts: signals of one id are stored once. */
export const DECISION_ID = 'decision';

/** What the shop delivers without asking anybody, in cents. */
export const APPROVED_UP_TO_CENTS = 200_000;
