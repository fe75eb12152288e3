import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BUNDLER = fileURLToPath(new URL('./bundle.mjs', import.meta.url));

/**
 * The file to run for a process of the tests; see bundle.mjs. Jest would load the compiler once a spec file into its own
 * world; a process of its own is simpler and no slower.
 */
export async function programOf(entry: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [BUNDLER, entry])).stdout;
}
