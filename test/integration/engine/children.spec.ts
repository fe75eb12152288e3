// Covers what becomes of a child that still waits when its parent ends, by `parentClose` and how the parent ends. Orders of
// statements: ../races/children.spec.ts. A parent that is terminated: ../runner/repair.spec.ts.
import { durable } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();

const canceled = { status: 'canceled', cancelReason: 'its parent ended', log: ['unbook'] };
const terminated = { status: 'canceled', cancelReason: 'its parent ended', log: [] };
const goesOn = { status: 'suspended', cancelReason: null, log: [] };

describe.each(['canceled', 'failed'] as const)('a child whose parent is %s', (ending) => {
  it.each([
    ['cancel', 'is canceled, and undone', canceled],
    ['terminate', 'is ended, and nothing of it is undone', terminated],
    ['abandon', 'goes on', goesOn],
  ] as const)('with parentClose: %s, %s', async (parentClose, _, { log: undone, ...expected }) => {
    const log: string[] = [];
    const child = durable('child')
      .step('book', () => 1, { compensate: () => void log.push('unbook') })
      .waitForSignal('wait', 'go');
    const parent = durable('parent').childWorkflow('child', 'child', undefined, { parentClose });
    const { runner, testing } = await apps.bootVirtual({ workflows: [parent, child] });
    const run = await runner.start('parent', null, { timeout: '1h' });
    await testing.drain();
    const [{ id, status }] = (await run.snapshot({ children: true })).children;
    expect(status).toBe('suspended');

    if (ending === 'canceled') await run.cancel();
    else await testing.advance('1h');
    await testing.drain();

    expect((await run.snapshot()).status).toBe(ending);
    expect(await runner.find(id)).toMatchObject(expected);
    expect(log).toEqual(undone);
    await runner.signal(id, 'go', 'late');
    await testing.drain();
    expect((await runner.find(id)).status).toBe(parentClose === 'abandon' ? 'completed' : 'canceled');
  });
});
