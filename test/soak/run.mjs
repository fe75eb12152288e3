import { spawn } from 'node:child_process';
import path from 'node:path';
import { bundle } from '../support/processes/bundle.mjs';
import { compile } from '../support/processes/compile.mjs';

/** Compiles the library as it stands together with the soak, and runs that: `npm run soak -- --minutes 30 --seed 7`. */
const main = path.join(await compile(), 'test/soak/main.js');
await bundle('test/soak/fleet/worker-main.ts');
const child = spawn(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
