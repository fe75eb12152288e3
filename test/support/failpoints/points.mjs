/**
 * The writes of the engine, by name. A failpoint is one of them at one of {@link PLACES}. A statement may be several
 * writes at one time: the last checkpoint of a run is `flush`, `step` and `complete`.
 */
export const POINTS = {
  start: 'runs are created, by a start or in the transaction of a caller',
  claim: 'a worker takes due runs',
  heartbeat: 'a worker registers, or renews its lease',
  release: 'a worker gives back what it holds: at its end, or what it does not know of',
  flush: 'a batch of checkpoints, whatever is in it',
  step: 'a checkpoint that journals a finished unit of a plan, be it a step, a branch, an item or the end of a wait',
  txstep: "a checkpoint as the last statement of a step's own transaction",
  park: 'a checkpoint that lets a run go, to go on later',
  child: 'a checkpoint that starts a child',
  compensation: 'a checkpoint that begins a compensation, or journals an undo',
  complete: 'the last checkpoint of a run, whatever it ended as',
  wake: 'runs are made due: parents by the ends of children, stopped runs by a plan that fits',
  signal: 'a signal is stored',
  cancel: 'a run, or its children, are canceled or ended at once',
  recover: 'dead workers are buried, and what they held is handed back',
  order: 'an operator retries, skips, pauses or resumes, with its line in the audit trail',
  migrate: 'the schema is migrated, or a run is moved to another plan',
  definition: 'plans are stored at boot',
  purge: 'ended runs are deleted',
};

/** Where a write can be hit. The first four hold the write up; behind the last one the engine has gone on already. */
export const PLACES = {
  before: 'nothing has been sent',
  'in-transaction': 'the statement has been executed, its transaction is open',
  'before-commit': 'every statement of the transaction has been executed, COMMIT has not been sent',
  'after-commit': 'the database has committed, the engine does not know it yet',
  'after-acknowledgement': 'the engine knows it, and has gone on as far as it could without waiting',
};

/** What distinguishes the text of a statement, without its schema and with one blank for each gap. */
const WRITES = [
  ['checkpoint', /^with (input|passed) as .* insert into journal .* update run r /],
  ['checkpoint', /^with completed as \( update run r .* insert into journal /],
  ['checkpoint', /^insert into journal .* from run f where .* for no key update/],
  ['start', /^(with created as \( )?insert into run /],
  ['claim', /^with recursive served as .* update run r /],
  ['heartbeat', /^(insert into|update) worker /],
  ['release', /^with (held|stray) as .* update run r set worker_id = null/],
  ['recover', /^delete from worker /],
  ['recover', /^with recursive holder .* update run r /],
  ['recover', /^update run r set cursor = /],
  ['wake', /^with parent as .* update run r /],
  ['wake', /^with (below|left_over) as .* update run r /],
  ['signal', /^with target as .* insert into signal /],
  ['cancel', /^update run r set (status = 'canceled', )?cancel = /],
  ['cancel', /^with (child as|recursive family) .* update run r /],
  ['order', /^update run r set (paused_at|status = case)/],
  ['order', /^(insert into (journal|operation|pause)|delete from (progress|pause)|with gone as) /],
  ['migrate', /^update run r set (version|plan_hash|parent_key) = /],
  ['migrate', /^update (journal|attempt|progress) t set key = /],
  ['migrate', /^(create|alter|drop|insert into migration|delete from migration) /],
  ['definition', /^insert into definition /],
  ['purge', /^with doomed as /],
];

const plainTexts = new Map();

/** The text without schema and line ends. Every statement is sent many times and looked at once. */
function plain(text) {
  let found = plainTexts.get(text);
  if (found === undefined) {
    found = text
      .replace(/"(?:[^"]|"")+"\./g, '')
      .replace(/\s+/g, ' ')
      .trim();
    plainTexts.set(text, found);
  }
  return found;
}

/**
 * The names of a statement, the most telling one first; empty for one that writes nothing of the engine's.
 *
 * @param {string} text
 * @param {readonly unknown[]} [values] what a checkpoint does is said by its parameters
 * @returns {string[]} names out of {@link POINTS}
 */
export function pointsOf(text, values = []) {
  const statement = plain(text);
  const write = WRITES.find(([, pattern]) => pattern.test(statement))?.[0];
  if (write === undefined) return [];
  return write === 'checkpoint' ? checkpointPoints(statement, values) : [write];
}

/** The statement that can only complete a run. */
const LAST = /^with completed as /;
const TERMINAL = ['completed', 'failed', 'canceled', 'compensation_failed'];
/** Journal rows that are no result of anything. */
const NOTES = ['suspension', 'items', 'undo'];

function checkpointPoints(statement, values) {
  const column = columnsOf(statement, values);
  const [statuses, held, kinds] = [column('status'), column('held'), column('kind')];
  const found = [];
  if (LAST.test(statement) || statuses.some((status) => TERMINAL.includes(status))) found.push('complete');
  if (statuses.includes('compensating') || kinds.includes('undo')) found.push('compensation');
  if (column('parent_id').length > 0) found.push('child');
  if (statuses.some((status, at) => status !== null && !held[at] && !TERMINAL.includes(status))) found.push('park');
  const inTransaction = / and now\(\) = \$/.test(statement);
  if (inTransaction) found.push('txstep');
  if (kinds.some((kind) => !NOTES.includes(kind))) found.push('step');
  if (!inTransaction) found.push('flush');
  return found;
}

/** Finds what a column was bound to by the names that the statement itself gives its parameters. */
function columnsOf(statement, values) {
  const bound = new Map();
  const bind = (name, value) => bound.has(name) || bound.set(name, value);
  for (const [, parameters, names] of statement.matchAll(
    /unnest\(((?:[^()]|\([^()]*\))*)\)(?: with ordinality)? as \w+ \(([^)]*)\)/g,
  )) {
    const numbers = [...parameters.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
    names.split(', ').forEach((name, at) => numbers[at] && bind(name, listOf(values[numbers[at] - 1])));
  }
  for (const [, number, name] of statement.matchAll(/\$(\d+)::\w+ as (\w+)/g)) bind(name, [values[number - 1]]);
  return (name) => bound.get(name) ?? [];
}

/** An array, or PostgreSQL's text of one whose values need no quotes. */
function listOf(value) {
  if (Array.isArray(value)) return value;
  const inside = /^\{(.+)\}$/s.exec(value ?? '')?.[1];
  return inside === undefined ? [] : inside.split(',').map(plainValue);
}

function plainValue(text) {
  const words = new Map([
    ['NULL', null],
    ['true', true],
    ['false', false],
  ]);
  return words.has(text) ? words.get(text) : text;
}
