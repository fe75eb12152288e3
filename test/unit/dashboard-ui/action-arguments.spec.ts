/** What somebody types for an order, and what is sent. What the server makes of it is its own tests' business. */
import { argumentsBody, emptyArguments } from '../../../lib/dashboard/ui/src/state/action-arguments.js';

const typed = emptyArguments({
  reason: ' ticket 4711 ',
  payload: '{"approved": true}',
  name: ' approval ',
  node: 'pack',
});

describe('the arguments of an order', () => {
  it.each([
    ['signal', { name: 'approval', payload: { approved: true } }],
    ['resume', { payload: { approved: true } }],
    ['cancel', { reason: 'ticket 4711', compensate: true }],
    ['skip', { reason: 'ticket 4711', node: 'pack', payload: { approved: true } }],
    ['pause', { reason: 'ticket 4711' }],
    ['terminate', { reason: 'ticket 4711' }],
    ['retry', { reason: 'ticket 4711' }],
  ] as const)('of %s are those that it takes', (action, body) => {
    expect(argumentsBody(action, typed)).toEqual({ body, wrong: null });
  });

  it('leave out what is empty: no reason, no payload, no node to begin at', () => {
    expect(argumentsBody('retry', emptyArguments()).body).toEqual({});
    expect(argumentsBody('retry', emptyArguments({ from: 'charge' })).body).toEqual({ from: 'charge' });
    expect(argumentsBody('resume', emptyArguments()).body).toEqual({});
  });

  it('of a migration are a version and renamed nodes', () => {
    const args = emptyArguments({ to: '2', map: 'charge = pay\n\n pack=wrap ' });
    expect(argumentsBody('migrate', args).body).toEqual({ to: 2, map: { charge: 'pay', pack: 'wrap' } });
  });

  it.each([
    ['signal', 'name', { name: ' ' }],
    ['signal', 'payload', { name: 'a', payload: '{approved: true}' }],
    ['skip', 'node', {}],
    ['skip', 'payload', { node: 'a', payload: 'undefined' }],
    ['migrate', 'to', { to: '1.5' }],
    ['migrate', 'to', { to: '' }],
    ['migrate', 'map', { to: '2', map: 'charge' }],
  ] as const)('of %s are refused with the name of the field: %s', (action, field, known) => {
    expect(argumentsBody(action, emptyArguments(known))).toMatchObject({ body: null, wrong: { field } });
  });
});
