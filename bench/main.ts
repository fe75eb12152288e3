import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { BenchServer } from './database/bench-server.js';
import { parseBenchOptions, USAGE, type BenchOptions } from './options/bench-options.js';
import { renderReport } from './report/render-report.js';
import { makeReport } from './report/report.js';
import { renderThroughputPlot } from './report/throughput-plot.js';
import { findPeers, OURS, PEER_NAMES, UNGROUPED, type Peers } from './subjects/subject-names.js';
import { WORKLOADS } from './workloads/all-workloads.js';
import { chooseNamed, runWorkload } from './workloads/run-workloads.js';
import type { WorkloadResult } from './workloads/workload.interface.js';

/** Those of nest-durable, and those of the peers that are here. */
function chooseSubjects({ subjects }: BenchOptions, { present }: Peers): string[] {
  const here = [OURS, UNGROUPED, ...PEER_NAMES.filter((name) => name in present)];
  return chooseNamed('engine that is installed', here, (name) => name, subjects);
}

async function main(): Promise<void> {
  const options = parseBenchOptions(process.argv.slice(2));
  if (!options) return console.log(USAGE);
  const peers = findPeers();
  const subjects = chooseSubjects(options, peers);
  const workloads = chooseNamed('workload', WORKLOADS, ({ name }) => name, options.only);
  const began = { at: new Date(), load: os.loadavg()[0] };
  const server = await BenchServer.start();
  // What was asked to end must leave no server and no folder behind either.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.stop().finally(() => process.exit(1)));
  }
  try {
    const results: WorkloadResult[] = [];
    for (const workload of workloads) {
      results.push(
        await runWorkload(workload, { options, server, subjects }, (text) => process.stderr.write(`${text}\n`)),
      );
    }
    const report = makeReport(results, server, options, peers, began);
    if (options.svg !== null) await writeFile(options.svg, renderThroughputPlot(report));
    console.log(options.json ? JSON.stringify(report, null, 2) : renderReport(report));
  } finally {
    await server.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof TypeError || error instanceof RangeError ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = 1;
});
