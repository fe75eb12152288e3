import type { CostMeter, Reading } from './cost-meter.js';

/** Costs of one unit. */
export type UnitCost = Readonly<Record<keyof Reading, number>>;

/**
 * Reads the meter when a tenth of the units have begun, and so on, and tells what one unit cost in the first tenth and in the
 * last one.
 */
export class Tenths {
  private readonly readings = new Map<number, Reading>();
  private reading: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly meter: CostMeter,
    private readonly units: number,
  ) {}

  /** To be called by every unit as it begins: all stand still while the meter is read. */
  async pass(unit: number): Promise<void> {
    if (this.marks.includes(unit)) {
      this.reading = this.meter.read().then((reading) => this.readings.set(unit, reading));
    }
    await this.reading;
  }

  get first(): UnitCost {
    return this.costBetween(this.marks[0], this.marks[1]);
  }

  get last(): UnitCost {
    return this.costBetween(this.marks[2], this.marks[3]);
  }

  /** How much more one unit costs in the end than in the beginning. */
  get growth(): UnitCost {
    const { first, last } = this;
    return { wal: last.wal / first.wal, statements: last.statements / first.statements, cpu: last.cpu / first.cpu };
  }

  /** The very first and the very last unit have the node's own checkpoints beside them. */
  private get marks(): readonly [number, number, number, number] {
    const tenth = this.units / 10;
    return [1, tenth, this.units - tenth, this.units - 1];
  }

  private costBetween(from: number, to: number): UnitCost {
    const [before, after] = [this.readings.get(from)!, this.readings.get(to)!];
    const units = to - from;
    return {
      wal: (after.wal - before.wal) / units,
      statements: (after.statements - before.statements) / units,
      cpu: (after.cpu - before.cpu) / units,
    };
  }
}
