import { median, medians, type Figures } from '../measure/statistics.js';
import { PEER_NAMES } from '../subjects/subject-names.js';
import type { WorkloadResult } from '../workloads/workload.interface.js';

export interface Best {
  readonly row: string;
  readonly value: number;
}

/** Looks figures up. What was not measured is null. */
export class Results {
  constructor(private readonly workloads: readonly WorkloadResult[]) {}

  /** The median of the turns. */
  figure(workload: string, row: string, figure: string): number | null {
    return medians(this.turns(workload, row))[figure] ?? null;
  }

  /** The median of the ratios within each turn, so that what slowed a whole turn down falls out. */
  ratio(workload: string, row: string, to: string, figure: string): number | null {
    const others = this.turns(workload, to);
    const ratios = this.turns(workload, row).flatMap((figures, turn) => {
      const [one, other] = [figures[figure], others[turn]?.[figure]];
      return typeof one === 'number' && typeof other === 'number' && other !== 0 ? [one / other] : [];
    });
    return ratios.length === 0 ? null : median(ratios);
  }

  /** Of the other engines. */
  bestPeer(workload: string, figure: string, better: 'most' | 'least'): Best | null {
    const measured = PEER_NAMES.flatMap((row): Best[] => {
      const value = this.figure(workload, row, figure);
      return value === null ? [] : [{ row, value }];
    });
    if (measured.length === 0) return null;
    const sign = better === 'most' ? 1 : -1;
    return measured.reduce((best, next) => (sign * next.value > sign * best.value ? next : best));
  }

  private turns(workload: string, row: string): readonly Figures[] {
    return this.workloads.find(({ name }) => name === workload)?.cases.find((one) => one.row === row)?.turns ?? [];
  }
}
