import { PLACES, POINTS } from './points.mjs';

/** What a failpoint can do. */
export const ACTIONS = {
  kill: 'kill: ends the process by SIGKILL',
  block: 'block:ms: nothing at all happens in the process for so many milliseconds, as in one that is stopped',
  throw: 'throw:SQLSTATE: the database refuses, which ends the transaction',
  cut: 'cut: the connection is gone',
  gate: 'gate, or gate:file: the write waits for a message from the parent process, or until the file is there',
  log: 'log:file: writes a line and goes on',
};

/** Said by a {@link FailpointSpecificationError} after what is wrong. */
const WHAT_EXISTS = `
A specification is point:place=action, and several are separated by ";". "*" stands for every point, or place.
  points:  ${Object.keys(POINTS).join(', ')}
  places:  ${Object.keys(PLACES).join(', ')}
  actions: ${Object.values(ACTIONS).join('; ')}
  An action that ends with "@n" is carried out at the n-th hit only, otherwise at every hit.`;

/** The variable says something that is not understood; nothing was installed. */
export class FailpointSpecificationError extends Error {
  name = 'FailpointSpecificationError';

  constructor(part, problem) {
    super(`The failpoint "${part}" is not understood: ${problem}.${WHAT_EXISTS}`);
  }
}

/**
 * Reads `step:after-commit=kill@3; claim:before=block:500`.
 *
 * @param {string} text
 * @returns {{ point: string, place: string, action: string, argument: string | null, hit: number | null }[]}
 * @throws FailpointSpecificationError
 */
export function parseFailpoints(text) {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parsePart);
}

function parsePart(part) {
  const refuse = (problem) => {
    throw new FailpointSpecificationError(part, problem);
  };
  const match = /^([^:=]+):([^:=]+)=([a-z]+)(?::(.*?))?(?:@([^@/.]*))?$/.exec(part);
  if (!match) refuse('it has not the form point:place=action');
  const [point, place, action, argument = null, times = null] = match.slice(1).map((piece) => piece?.trim());
  if (point !== '*' && !Object.hasOwn(POINTS, point)) refuse(`there is no point "${point}"`);
  if (place !== '*' && !Object.hasOwn(PLACES, place)) refuse(`there is no place "${place}"`);
  if (!Object.hasOwn(ACTIONS, action)) refuse(`there is no action "${action}"`);
  if (times !== null && !/^[1-9]\d*$/.test(times)) refuse(`"@${times}" is no number of a hit, from 1`);
  const problem = argumentProblem(action, argument) ?? placeProblem(action, place, argument);
  if (problem !== null) refuse(problem);
  return { point, place, action, argument, hit: times === null ? null : Number(times) };
}

function argumentProblem(action, argument) {
  switch (action) {
    case 'block':
      return /^[1-9]\d*$/.test(argument ?? '') ? null : 'block needs milliseconds, as in block:500';
    case 'throw':
      return /^(?!00000)[0-9A-Z]{5}$/.test(argument ?? '') ? null : 'throw needs a SQLSTATE, as in throw:40001';
    case 'log':
      return argument ? null : 'log needs a file, as in log:hits.jsonl';
    case 'gate':
      return argument === '' ? 'gate: needs a file, as in gate:go-on' : null;
    default:
      return argument === null ? null : `${action} takes no argument`;
  }
}

/** What the database can still answer once it has committed: that it cannot tell. */
const OUTCOME_OPEN = /^(08...|57P..|40003)$/;

function placeProblem(action, place, argument) {
  if (['throw', 'gate'].includes(action) && place === 'after-acknowledgement')
    return `${action} has nobody to act upon after the acknowledgement`;
  if (action === 'throw' && place === 'after-commit' && !OUTCOME_OPEN.test(argument))
    return `after a commit the database fails with nothing but 08..., 57P.. or 40003, which leave the outcome open`;
  return null;
}
