import { existsSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

/** Parts of Nest and TypeORM that are looked for at run time and not installed here. */
const ABSENT =
  /^(@nestjs\/(microservices|websockets|platform-)|class-(validator|transformer)|@google-cloud|@sap|better-sqlite3|expo|hdb|ioredis|mongodb|mssql|mysql|oracledb|pg-native|pg-query-stream|react-native|redis|sql\.js|sqlite|typeorm-aurora)/;

/**
 * Puts the worker and all that it imports into one file: a start takes less than half of the time then, and a soak
 * consists of starts.
 *
 * @param {string} code the folder that compile.mjs made.
 */
export async function bundleWorker(code) {
  const folder = path.join(code, 'test/soak/fleet');
  const file = 'worker-bundle.mjs';
  if (existsSync(path.join(folder, file))) return;
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: path.join(folder, 'worker-main.js'),
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      // Providers and errors are known by their names.
      rolldownOptions: { external: (id) => ABSENT.test(id), output: { entryFileNames: file, keepNames: true } },
    },
  });
}
