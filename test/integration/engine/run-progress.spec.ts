/**
 * Covers how far a run has come while a worker holds it, which its journal says and its row does not, and that the row says
 * it as soon as nobody holds the run any more. Cursors behind their journal after a refused move: cursor-behind.spec.ts.
 */
import { durable, type DurableWorkflow } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

/** Two steps, and one that stops at the gate. */
function threeSteps(gate: Gate): DurableWorkflow {
  return durable('three')
    .step('one', () => 1)
    .step('two', () => 2)
    .step('three', () => gate.pass());
}

/** A run at its third node, held by the first of these applications. */
async function atTheThird(options = {}) {
  const gate = new Gate();
  const scene = await apps.bootVirtual({ workflows: [threeSteps(gate)], ...options }, { worker: false });
  const { id } = await scene.runner.start('three');
  await gate.reached;
  return { ...scene, gate, id };
}

it('is said by every reader, though the row is left alone from one unit to the next', async () => {
  const { runner, testing, gate, id } = await atTheThird();

  expect(await apps.runRow(id)).toMatchObject({ cursor: 0, status: 'running', epoch: 1 });
  expect(await runner.find(id)).toMatchObject({ currentStep: 2, totalSteps: 3, results: { one: 1, two: 2 } });
  expect([...(await runner.list({}))]).toMatchObject([{ id, currentStep: 2 }]);
  expect([...(await runner.checkPlans())]).toMatchObject([{ currentStep: 2, currentNode: 'three', runs: 1 }]);
  expect(await runner.explain(id)).toMatchObject({ node: { name: 'three', index: 2 } });

  gate.open();
  await testing.drain();
  expect(await apps.runRow(id)).toMatchObject({ cursor: 3, status: 'completed' });
});

it('is written to the row when the run ends, and not once before', async () => {
  await apps.sql(`
    create table run_update (cursor int);
    create function note_update() returns trigger language plpgsql as
      $$ begin insert into run_update values (new.cursor); return null; end $$;
    create trigger note_update after update on durable.run for each row execute function note_update()`);
  const plan = durable('twenty');
  for (let index = 0; index < 20; index++) plan.step(`step-${index}`, () => index);
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  await runner.start('twenty');
  await testing.drain();

  expect(await apps.sql('select cursor from run_update')).toEqual([{ cursor: 20 }]);
  await apps.sql('drop trigger note_update on durable.run; drop table run_update; drop function note_update');
});

it('counts as a change of the run, by the time of its last unit', async () => {
  const gate = new Gate();
  const slow = durable('slow')
    .sleep('nap', '1h')
    .step('one', () => 1)
    .step('two', () => gate.pass());
  const { runner, testing } = await apps.bootVirtual({ workflows: [slow] });
  const { id } = await runner.start('slow');
  await testing.advance('1h');
  await gate.reached;

  const { createdAt, updatedAt } = await runner.find(id);
  expect(updatedAt.getTime() - createdAt.getTime()).toBe(3_600_000);
  gate.open();
});

it('stands in the row once the worker has died, and nothing is done again', async () => {
  const { app, runner, testing, gate, id } = await atTheThird();
  await apps.declareDead(app.workerId);

  await runner.recover();

  expect(await apps.runRow(id)).toMatchObject({ cursor: 2, worker_id: null, status: 'pending', epoch: 2 });
  gate.open();
  const heir = await apps.bootVirtual({ workflows: [threeSteps(gate)], clock: testing.clock });
  await heir.testing.drain();
  expect(await runner.find(id)).toMatchObject({ status: 'completed', currentStep: 3 });
  expect(await apps.journalKeys(id)).toEqual(['one', 'two', 'three']);
});

it('stands in the row once the worker has stopped without waiting for its steps', async () => {
  const { app, gate, id } = await atTheThird({ worker: { shutdownTimeout: 0 } });

  await app.close();

  expect(await apps.runRow(id)).toMatchObject({ cursor: 2, worker_id: null, status: 'pending' });
  gate.open();
});

it('stands in the row of a run that is ended from outside', async () => {
  const { runner, testing, gate, id } = await atTheThird();

  await runner.terminate(id);

  expect(await apps.runRow(id)).toMatchObject({ cursor: 2, status: 'canceled' });
  gate.open();
  await testing.drain();
  expect(await runner.find(id)).toMatchObject({ currentStep: 2, status: 'canceled' });
});

it('is written to the row by the first unit that is done after a crash, which ends the suspicion', async () => {
  const clock = new VirtualClock();
  const gate = new Gate();
  const idle = await apps.boot({ workflows: [threeSteps(gate)], worker: false, clock });
  const { id } = await idle.runner.start('three');
  await apps.sql('update durable.run set deliveries = 1 where id = $1', [id]);
  await apps.boot({ workflows: [threeSteps(gate)], clock });
  await gate.reached;

  expect(await apps.runRow(id)).toMatchObject({ cursor: 1, deliveries: 1 });
  expect(await idle.runner.find(id)).toMatchObject({ currentStep: 2 });
  gate.open();
});
