// Kills a process at every moment at which the engine writes, and looks at what a clean one makes of what they left.
//
//   npm run sweep                                 every moment, once: some ten minutes on two cores
//   npm run sweep -- --nightly                    and again in the process that recovers
//   npm run sweep -- --sample 20 --seed 7         so many of them, by a seed: what a run of CI takes
//   npm run sweep -- --only step:after-commit@3   one moment, or several that are separated by commas
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    nightly: { type: 'boolean' },
    sample: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
});
const env = {
  ...process.env,
  ...(values.sample || values.only ? {} : { SWEEP_ALL: '1' }),
  ...(values.nightly ? { SWEEP_TWICE: '1' } : {}),
  ...(values.sample ? { SWEEP_SAMPLE: values.sample } : {}),
  ...(values.seed ? { SWEEP_SEED: values.seed } : {}),
  ...(values.only ? { SWEEP_ONLY: values.only } : {}),
};
const jest = [
  ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
  ...['--selectProjects', 'crash', '--testPathPatterns', 'test/crash/sweep.spec.ts'],
];
const child = spawn(process.execPath, jest, { env, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('close', (code) => (process.exitCode = code ?? 1));
