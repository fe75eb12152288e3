// Covers: what a reader sees of a run that goes on while it is read. On a real PostgreSQL: read-runs.spec.ts.
import { newId } from '../../../lib/common/ids.js';
import { RunReader } from '../../../lib/runner/run-reader.js';
import type { RunnerBackend } from '../../../lib/runner/runner-backend.interface.js';

it('shows a run that completes meanwhile with all it did, or as still running', async () => {
  const id = newId();
  let ended = false;
  const end = (): void => void (ended = true);
  const journal = (): unknown[] => (ended ? [{ key: 'said', kind: 'step', position: 0, result: '"hello"' }] : []);
  const admin = {
    find: async () => {
      await Promise.resolve();
      return {
        id,
        workflow: 'w',
        status: ended ? 'completed' : 'running',
        cursor: ended ? 1 : 0,
        nodes: 1,
        input: 'null',
      };
    },
    journal: () => {
      const rows = journal();
      end();
      return Promise.resolve(rows);
    },
    attempts: () => Promise.resolve([]),
  };
  const reader = new RunReader({ admin, ready: () => Promise.resolve() } as unknown as RunnerBackend);

  const first = await reader.find(id, {});
  const second = await reader.find(id, {});

  expect([first.status, first.results]).toEqual(['running', {}]);
  expect([second.status, second.results]).toEqual(['completed', { said: 'hello' }]);
});
