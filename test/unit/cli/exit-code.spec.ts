/** Which exit code stands for which error, of the package, of the driver and of the program's own. */
import { CommanderError } from 'commander';
import { CliError } from '../../../lib/cli/cli.error.js';
import { EXIT, EXIT_MEANINGS, exitCodeOf } from '../../../lib/cli/exit-code.js';
import {
  InvalidOptionError,
  PayloadTooLargeError,
  RunNotFoundError,
  RunNotRetryableError,
  SchemaBehindError,
  SchemaMismatchError,
  StoreUnavailableError,
  WorkflowNotRegisteredError,
} from '../../../lib/errors/index.js';

const coded = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });

it.each<[string, unknown, keyof typeof EXIT]>([
  ['help', new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'), 'ok'],
  ['an unknown option', new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'"), 'usage'],
  ['a wrong argument', CliError.usage('x'), 'usage'],
  ['an option that cannot be', new InvalidOptionError('limit', 0, 'more'), 'usage'],
  ['an input that its schema refuses', new SchemaMismatchError('input', [{ path: '$', message: 'no' }]), 'usage'],
  ['a payload that is too large', new PayloadTooLargeError('input', 3, 2), 'usage'],
  ['no such run', new RunNotFoundError('x'), 'notFound'],
  ['no such workflow', new WorkflowNotRegisteredError('x', 1, []), 'notFound'],
  ['a run that has not failed', new RunNotRetryableError('x', 'running', 'why'), 'impossible'],
  ['a run that refuses', CliError.impossible('x'), 'impossible'],
  ['a database that went away', new StoreUnavailableError('x', 3, null), 'unreachable'],
  ['a refused connection', coded('ECONNREFUSED'), 'unreachable'],
  ['a wrong password', coded('28P01'), 'unreachable'],
  ['no such database', coded('3D000'), 'unreachable'],
  ['a schema that is behind', new SchemaBehindError('durable', ['001-initial']), 'notReady'],
  ['a missing table', coded('42P01'), 'notReady'],
  ['a missing privilege', coded('42501'), 'notReady'],
  ['anything else', new Error('x'), 'failure'],
  ['what is no error', 'x', 'failure'],
])('%s', (_, error, name) => {
  expect(exitCodeOf(error)).toBe(EXIT[name]);
});

it('has one meaning for each code, and no code twice', () => {
  expect(Object.keys(EXIT_MEANINGS)).toEqual(Object.keys(EXIT));
  expect(new Set(Object.values(EXIT)).size).toBe(Object.values(EXIT).length);
});
