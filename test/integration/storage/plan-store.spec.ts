// Covers: the plans that are kept. How runs in flight and plans belong together: test/integration/deploys.
import { NOW, client, plans, rows, schema } from './hostile-schema.fixture.js';

describe('the plans of workflows', () => {
  const first = { name: 'order', version: 1, hash: 'a', plan: '[{"x":  1}]', nodes: 1 };

  it('are stored once, whoever registers them, and read as they were stored', async () => {
    await Promise.all(Array.from({ length: 4 }, () => plans.save([first, { ...first, version: 2 }])));
    await plans.save([]);

    expect(await plans.latest('order', 1)).toEqual(first);
    expect(await plans.definition('order', 2, 'a')).toEqual({ ...first, version: 2 });
    expect(await plans.definition('order', 2, 'b')).toBeNull();
    const { rows } = await client.query(`select registered_at from ${schema}.definition`);
    expect(rows).toEqual([{ registered_at: NOW }, { registered_at: NOW }]);
  });

  it('answer with the highest version, and with the latest plan of a version', async () => {
    await plans.save([first, { ...first, version: 10 }, { ...first, version: 9 }]);
    await rows.insert('definition', { ...first, version: 10, hash: 'b', registered_at: new Date(NOW.getTime() + 1) });

    expect(await plans.latest('order')).toMatchObject({ version: 10, hash: 'b' });
    expect(await plans.latest('order', 9)).toMatchObject({ version: 9, hash: 'a' });
    expect(await plans.latest('order', 3)).toBeNull();
    expect(await plans.latest('nothing')).toBeNull();
  });
});
