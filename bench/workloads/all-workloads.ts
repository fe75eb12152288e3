import { OURS } from '../subjects/subject-names.js';
import { heap } from './heap.workload.js';
import { latency } from './latency.workload.js';
import { processes } from './processes.workload.js';
import { signals } from './signals.workload.js';
import { starts } from './starts.workload.js';
import { crowd, results, transactional, waiting } from './step-kinds.workloads.js';
import { finished, parked } from './table-size.workloads.js';
import { oneStep, tenSteps } from './throughput.workload.js';
import type { Workload } from './workload.interface.js';

/** What every engine is measured with. */
const COMPARED: readonly Workload[] = [tenSteps, oneStep, latency, starts];

/** What nest-durable is measured with alone. */
const OWN: readonly Workload[] = [parked, finished, signals, transactional, processes, results, waiting, crowd, heap];

/** In the order in which they are measured. */
export const WORKLOADS: readonly Workload[] = [...COMPARED, ...OWN.map(ofOurs)];

function ofOurs(workload: Workload): Workload {
  return { ...workload, cases: (bench) => (bench.subjects.includes(OURS) ? workload.cases(bench) : []) };
}
