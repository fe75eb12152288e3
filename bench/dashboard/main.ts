import 'reflect-metadata';
import { startDashboard } from '../../lib/dashboard/index.js';
import { BenchServer } from '../database/bench-server.js';
import { median } from '../measure/statistics.js';
import { fillTables } from './fill-tables.js';

const TOKEN = 'a token of this bench alone';
const SAMPLES = 9;
/** One overview serves everybody for two seconds: longer apart, each is made anew. */
const APART_MS = 2_100;
const GOAL_MS = 200;

function requestsOf(run: string): string[] {
  const windows = ['15m', '1h', '6h', '24h', '7d'].map((window) => `api/overview?window=${window}`);
  const filters = [
    '',
    'status=failed',
    'workflow=ten-steps',
    'tag=vip',
    'error=carrier',
    'error=nobody-said-this',
    'key=order-7',
    'workflow=ten-steps&version=1',
  ];
  const lists = filters.flatMap((filter) => [`api/runs?${filter}`, `api/runs/counts?${filter}`]);
  const one = [`api/runs/${run}`, `api/runs/${run}/journal`];
  return [
    ...windows,
    ...lists,
    ...one,
    'api/workflows',
    'api/workflows/ten-steps/1',
    'api/workers',
    'api/definitions',
    'api/operations',
  ];
}

/** Prints how long the dashboard's answers take with 100,000 runs and a million journal rows; ends with 1 above the goal. */
async function main(): Promise<void> {
  const server = await BenchServer.start();
  try {
    const database = await server.createDatabase();
    const run = await fillTables(database.url);
    const dashboard = await startDashboard({ url: database.url, token: TOKEN });
    try {
      const ask = await signedIn(dashboard.url);
      for (const path of requestsOf(run)) {
        const times: number[] = [];
        while (times.length < SAMPLES) {
          if (path.startsWith('api/overview') && times.length > 0)
            await new Promise((later) => setTimeout(later, APART_MS));
          times.push(await ask(path));
        }
        const middle = median(times);
        if (middle > GOAL_MS) process.exitCode = 1;
        console.log(`${middle.toFixed(0).padStart(6)} ms  ${middle > GOAL_MS ? 'NOT MET' : 'met    '}  ${path}`);
      }
    } finally {
      await dashboard.close();
    }
  } finally {
    await server.stop();
  }
}

/** @returns what asks for a path and says how many milliseconds the whole answer took. */
async function signedIn(url: string): Promise<(path: string) => Promise<number>> {
  const entered = await fetch(new URL('login', url), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ token: TOKEN }),
  });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  return async (path) => {
    const began = performance.now();
    const answer = await fetch(new URL(`durable/${path}`, url), { headers: { cookie } });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body.slice(0, 300)}`);
    return performance.now() - began;
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
