import { sqlInvariant } from './invariant.js';

export const beginsAfterTheNodeBefore = sqlInvariant(
  'begins-after-the-node-before',
  'A node begins only when what the node before it did has been committed.',
  // The ledger's clock counts milliseconds, the server's microseconds.
  `with committed as (
     select h.run_id, u.workflow, u.version, u.ordinal, max(c.at) as at
       from soak.journal_history h
       join durable.run r on r.id = h.run_id
       join soak.unit u on u.workflow = r.workflow and u.version = r.version
        and u.unit = regexp_replace(h.key, '#\\d+$', '#')
       join soak.commit_time c on c.xid = h.xid
      where h.op = 'INSERT' group by 1, 2, 3, 4)
   select l.run_id || ' ' || l.key as subject,
          case when p.at is null then 'was begun and nothing is journaled of the node before'
               else 'was begun ' || round(extract(epoch from p.at - l.at) * 1000) || ' ms before the node before was committed' end as what
     from soak.line l
     join durable.run r on r.id = l.run_id
     join soak.unit u on u.workflow = r.workflow and u.version = r.version and u.unit = l.unit and u.ordinal > 0
     left join committed p on p.run_id = l.run_id and p.ordinal = u.ordinal - 1
    where l.event = 'begin' and l.key not like 'undo:%' and (p.at is null or l.at + interval '1 millisecond' < p.at)`,
);
