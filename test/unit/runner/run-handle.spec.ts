// Covers: what a handle shows of itself. What its methods do is that of the runner: test/integration/runner.
import { inspect } from 'node:util';
import { RunHandle, type DurableRunner } from '../../../lib/index.js';

const id = '01900000-0000-7000-8000-000000000000';
const runner: Record<string, unknown> = { secret: 'of the engine' };
runner.itself = runner;

describe('a handle', () => {
  const handle = new RunHandle(runner as unknown as DurableRunner, 'order', { id, status: 'pending', created: true });

  it('may be the answer of a controller', () => {
    expect(JSON.parse(JSON.stringify(handle))).toEqual({ id, status: 'pending', created: true });
  });

  it('shows nothing of the engine in a log', () => {
    expect(inspect(handle, { depth: 9 })).not.toContain('secret');
  });
});
