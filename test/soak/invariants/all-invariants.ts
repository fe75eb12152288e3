import { acknowledgedStartOnce } from './acknowledged-start-once.js';
import { beginsAfterTheNodeBefore } from './begins-after-the-node-before.js';
import { endingsAreFinal } from './endings-are-final.js';
import { endsAsPlanned } from './ends-as-planned.js';
import { epochsOnlyGrow } from './epochs-only-grow.js';
import { everyRunEnds } from './every-run-ends.js';
import type { Invariant } from './invariant.js';
import { journalRowsImmutable } from './journal-rows-immutable.js';
import { limitsHold } from './limits-hold.js';
import { noEffectAfterItsRow } from './no-effect-after-its-row.js';
import { noTimerEarly } from './no-timer-early.js';
import { oneChildACall } from './one-child-a-call.js';
import { outsideEffectAtLeastOnce } from './outside-effect-at-least-once.js';
import { outsideEffectWithinAttempts } from './outside-effect-within-attempts.js';
import { serverStaysUp } from './server-stays-up.js';
import { signalsConsumedOnceInOrder } from './signals-consumed-once-in-order.js';
import { transactionalEffectOnce } from './transactional-effect-once.js';
import { undoneInReverseAndWhole } from './undone-in-reverse-and-whole.js';
import { workersRecover } from './workers-recover.js';
import { writtenUnderTheCurrentEpoch } from './written-under-the-current-epoch.js';

/** Everything that must hold after a soak. */
export const ALL_INVARIANTS: readonly Invariant[] = [
  acknowledgedStartOnce,
  transactionalEffectOnce,
  outsideEffectAtLeastOnce,
  outsideEffectWithinAttempts,
  noEffectAfterItsRow,
  beginsAfterTheNodeBefore,
  journalRowsImmutable,
  writtenUnderTheCurrentEpoch,
  epochsOnlyGrow,
  endingsAreFinal,
  signalsConsumedOnceInOrder,
  undoneInReverseAndWhole,
  noTimerEarly,
  oneChildACall,
  limitsHold,
  endsAsPlanned,
  everyRunEnds,
  workersRecover,
  serverStaysUp,
];
