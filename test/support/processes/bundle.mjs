import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, moveIntoPlace } from './compile.mjs';

/** Parts of Nest and TypeORM that are looked for at run time and not installed here. */
const ABSENT =
  /^(@nestjs\/(microservices|websockets|platform-)|class-(validator|transformer)|@google-cloud|@sap|better-sqlite3|expo|hdb|ioredis|mongodb|mssql|mysql|oracledb|pg-native|pg-query-stream|react-native|redis|sql\.js|sqlite|typeorm-aurora)/;
/** The failpoints sit in the driver, so there has to be one of it. */
const SHARED = /^pg$/;

/**
 * `@nestjs/typeorm` looks for what older releases of TypeORM export with a `require` that no bundler sees: every start would
 * load all of TypeORM once more, from a few hundred files.
 */
const ONE_TYPEORM = {
  name: 'one-typeorm',
  transform(code, id) {
    if (!id.endsWith('/@nestjs/typeorm/dist/common/typeorm-compat.js')) return null;
    return `import * as typeorm from 'typeorm';\n${code.replace('createRequire(import.meta.url)', '() => typeorm')}`;
  },
};

/**
 * Compiles a process of the tests as it stands, and puts it and all that it imports into one file, which is run once without
 * settings, so that V8 has code of it (quick-start.cjs). It starts in a third of the time then, and these tests consist of
 * starts.
 *
 * @param {string} entry its file, from the top of the repository.
 * @returns {Promise<string>} the file to run.
 */
export async function bundle(entry) {
  const compiled = path.join(await compile(), entry).replace(/\.m?ts$|\.mjs$/, '');
  const folder = `${compiled}.bundle`;
  const program = path.join(folder, 'start.cjs');
  if (existsSync(program)) return program;
  // Takes half a second to load, and mostly the file is there.
  const { build } = await import('vite');
  const draft = `${folder}-${process.pid}`;
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [ONE_TYPEORM],
    ssr: { noExternal: true },
    build: {
      ssr: entry.endsWith('.mjs') ? `${compiled}.mjs` : `${compiled}.js`,
      outDir: draft,
      minify: false,
      target: 'node20',
      rolldownOptions: {
        external: (id) => ABSENT.test(id) || SHARED.test(id),
        output: {
          ...{ format: 'cjs', entryFileNames: 'program.cjs', codeSplitting: false },
          // Providers and errors are known by their names.
          keepNames: true,
          // V8 does not know where the imports of code that it had kept come from.
          dynamicImportInCjs: false,
        },
      },
    },
  });
  copyFileSync(new URL('./quick-start.cjs', import.meta.url), path.join(draft, 'start.cjs'));
  spawnSync(process.execPath, [path.join(draft, 'start.cjs')], { env: {}, stdio: 'ignore' });
  moveIntoPlace(draft, folder);
  return program;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await bundle(process.argv[2]));
