/**
 * Stops families of runs where they are to be killed: at the n-th checkpoint of the family, before it is sent or after it
 * has committed. From then on nothing of the family is written or executed by this process, which waits to be killed.
 */
export class Freezer {
  /** Root runs by id: where each stops. @type {Map<string, { at: number, side: 'before' | 'after' }>} */
  points = new Map();
  /** @type {Map<string, number>} */
  counts = new Map();
  /** @type {Set<string>} */
  frozen = new Set();
  /** Roots of children. @type {Map<string, string>} */
  roots = new Map();

  /** @param {(runId: string) => void} onFrozen */
  constructor(onFrozen) {
    this.onFrozen = onFrozen;
  }

  rootOf(runId) {
    return this.roots.get(runId) ?? runId;
  }

  /** Lets a checkpoint through, or stops its family. */
  async pass(checkpoint, write) {
    const root = this.rootOf(checkpoint.runId);
    for (const child of checkpoint.children) this.roots.set(child.id, root);
    if (this.frozen.has(root)) return never();
    const count = (this.counts.get(root) ?? 0) + 1;
    this.counts.set(root, count);
    const point = this.points.get(root);
    if (point?.at === count && point.side === 'before') return this.freeze(root);
    if (point?.at === count) this.frozen.add(root);
    const outcome = await write();
    return point?.at === count ? this.freeze(root) : outcome;
  }

  freeze(root) {
    this.frozen.add(root);
    this.onFrozen(root);
    return never();
  }

  /** Puts itself between the engine and its writes. */
  install({ CheckpointWriter, PostgresRunStore }) {
    const { write } = CheckpointWriter.prototype;
    const { transact, claim } = PostgresRunStore.prototype;
    const freezer = this;
    CheckpointWriter.prototype.write = function (checkpoint, ...rest) {
      return freezer.pass(checkpoint, () => write.call(this, checkpoint, ...rest));
    };
    PostgresRunStore.prototype.transact = function (request) {
      let passed = () => undefined;
      const work = async (manager) => {
        const checkpoint = await request.work(manager);
        // Stands inside `pass` until the transaction has committed.
        await new Promise((resolve) => {
          passed = freezer.transactionPasses(checkpoint, resolve);
        });
        return checkpoint;
      };
      return transact.call(this, { ...request, work }).then((outcome) => passed(outcome));
    };
    PostgresRunStore.prototype.claim = async function (request) {
      const result = await claim.call(this, request);
      return result && { ...result, runs: result.runs.filter(({ id }) => !freezer.frozen.has(freezer.rootOf(id))) };
    };
  }

  /** @returns what to do with the outcome of the commit. */
  transactionPasses(checkpoint, goOn) {
    let committed;
    const outcome = new Promise((resolve) => (committed = resolve));
    const passed = this.pass(checkpoint, () => {
      goOn();
      return outcome;
    });
    return (result) => {
      committed(result);
      return passed;
    };
  }
}

function never() {
  return new Promise(() => undefined);
}
