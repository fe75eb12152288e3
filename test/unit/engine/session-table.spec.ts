// Covers: how slots are counted. Who takes them, on a real database: claiming.spec.ts of the integration tests.
import { SessionTable } from '../../../lib/engine/worker/session-table.js';
import { Gate } from '../../support/gate.js';
import { session } from './run-session.fixture.js';

const run = (n: number) => session({ id: `01890000-0000-7000-8000-00000000000${n}` });

it('counts runs and reservations, and reserves no more than there are slots', () => {
  const table = new SessionTable(2);
  table.add(run(1));

  expect(table.tryReserve('a')).toBe(true);
  expect(table.tryReserve('b')).toBe(false);
  expect(table.free).toBe(0);
  table.release('a');
  expect(table.free).toBe(1);
});

it('keeps the slots of a claim that is in flight from those who would reserve them', async () => {
  const table = new SessionTable(3);
  const gate = new Gate();
  const claim = table.whileClaiming(2, () => gate.pass());

  expect(table.free).toBe(1);
  expect([table.tryReserve('a'), table.tryReserve('b')]).toEqual([true, false]);
  gate.open();
  await claim;

  expect(table.free).toBe(2);
});

it('leaves half of the slots to starts while a claim is in flight, and none when the others are taken', () => {
  const claimable = (capacity: number, taken: number): number => {
    const table = new SessionTable(capacity);
    for (let n = 0; n < taken; n++) table.tryReserve(`${n}`);
    return table.claimable;
  };

  expect([1, 2, 3, 10].map((capacity) => claimable(capacity, 0))).toEqual([1, 1, 2, 5]);
  expect([4, 5, 6, 10].map((taken) => claimable(10, taken))).toEqual([5, 5, 4, 0]);
});

it('frees the slots of a claim that fails', async () => {
  const table = new SessionTable(3);

  await expect(table.whileClaiming(3, () => Promise.reject(new Error('away')))).rejects.toThrow('away');

  expect(table.free).toBe(3);
});

it('removes a session only, not the one that took its place', () => {
  const table = new SessionTable(3);
  const [first, second] = [run(1), run(1)];
  table.add(first);
  table.add(second);

  table.remove(first);

  expect(table.get(second.id)).toBe(second);
});

it('is empty once no run is held and no slot is reserved', async () => {
  const table = new SessionTable(3);
  const held = run(1);
  let empty = false;
  table.add(held);
  table.tryReserve('a');
  const waiting = table.empty().then(() => (empty = true));

  table.remove(held);
  await Promise.resolve();
  expect(empty).toBe(false);
  table.release('a');
  await waiting;

  await table.empty();
});
