/**
 * Plans that use every kind of node, retries, progress, suspensions and compensations. Handlers write down what they do.
 *
 * @param {typeof import('../../../lib/index.js')} library compiled
 * @param {(ctx: import('../../../lib/index.js').DurableContext) => Promise<void>} effect leaves a trace that no crash takes back
 */
export function makePlans({ durable }, effect) {
  const does = (result) => async (ctx) => {
    await effect(ctx);
    return result ?? ctx.stepName;
  };
  const part = async (input, ctx) => {
    await effect(ctx);
    return input;
  };
  const undoable = { compensate: does('undone') };
  const soon = { backoff: () => 0.02 };

  const child = durable('child')
    .step('work', does('worked'), undoable)
    .step('fail', failsFor('child'), { maxAttempts: 1 });

  const everything = durable('everything')
    .step('plain', does('done'), undoable)
    .step('stubborn', stubborn, { ...undoable, ...soon, maxAttempts: 2 })
    .step('transactional', inTransaction, { transactional: true, compensate: inTransaction })
    .step('beats', beats, undoable)
    .parallel('group', [
      { name: 'left', handler: does('l'), ...undoable },
      { name: 'right', handler: does('r'), ...undoable },
    ])
    .route('way', does('long'), { long: { handler: does('walked'), ...undoable }, short: () => 'jumped' })
    .loop('rounds', async (n, ctx) => part(n + 1, ctx), {
      ...{ mapInput: () => 0, maxIterations: 5, until: (n) => n >= 3 },
      compensate: part,
    })
    .forEach('items', part, { items: () => ['a', 'b', 'c'], concurrency: 1, compensate: part })
    .sleep('nap', 40)
    .waitForSignal('approval', 'approved')
    .waitForAny('choice', ['yes', 'no'], { timeout: '10m' })
    .step('question', question, undoable)
    .childWorkflow('child', 'child', (ctx) => ctx.input, { parentClose: 'cancel' })
    .step('end', failsFor('end'), { maxAttempts: 1 });
  return [everything, child];

  function failsFor(who) {
    return async (ctx) => {
      await effect(ctx);
      if (ctx.input.fails === who) throw new Error(`${who} fails`);
      return 'ended';
    };
  }

  async function stubborn(ctx) {
    await effect(ctx);
    if (ctx.attempt === 1) throw new Error('not yet');
    return 'at last';
  }

  async function inTransaction(ctx) {
    await ctx.manager.query('insert into inside (run_id, key) values ($1, $2)', [ctx.runId, ctx.stepName]);
    return 'written';
  }

  async function beats(ctx) {
    await effect(ctx);
    await ctx.heartbeat({ at: 'half' });
    return ctx.progress;
  }

  async function question(ctx) {
    await effect(ctx);
    return ctx.resumeData() ?? { status: 'suspended', asks: 'may I?' };
  }
}
