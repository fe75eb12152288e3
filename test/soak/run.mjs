import { execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from './fleet/bundle-worker.mjs';

/** Compiles the library as it stands together with the soak, and runs that: `npm run soak -- --minutes 30 --seed 7`. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const compile = path.join(root, 'test/support/processes/compile.mjs');
const code = execFileSync(process.execPath, [compile], { encoding: 'utf8' });
await bundleWorker(code);
const main = path.join(code, 'test/soak/main.js');
const child = spawn(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
