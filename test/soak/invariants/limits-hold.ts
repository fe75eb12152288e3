import { MAX_DELIVERIES } from '../fleet/soak-settings.js';
import { sqlInvariant } from './invariant.js';

export const limitsHold = sqlInvariant(
  'limits-hold',
  'No process executes more runs than it has slots, no forEach more items at one time than it says, and no run is delivered more often than is allowed.',
  `select 'process ' || l.by as subject, 'executed ' || l.busy || ' runs in ' || w.slots || ' slots' as what
     from soak.line l
     join (select pid, max(slots) as slots from soak.worker_history where op = 'INSERT' group by 1) w on w.pid = l.by
    where l.event = 'begin' and l.busy > w.slots`,
  `select l.run_id || ' ' || l.key as subject, 'was begun as number ' || l.beside || ' of at most ' || u.concurrency as what
     from soak.line l
     join durable.run r on r.id = l.run_id
     join soak.unit u on u.workflow = r.workflow and u.version = r.version and u.unit = l.unit
    where l.event = 'begin' and u.kind <> 'branch' and l.key not like 'undo:%' and l.beside > u.concurrency`,
  `select h.run_id as subject, 'was delivered ' || h.deliveries || ' times' as what
     from soak.run_history h where h.deliveries > ${MAX_DELIVERIES + 1}`,
);
