/**
 * What `npm pack` would publish: its files, and that each entry point loads and type-checks in a project of its own.
 * How the package behaves is covered by the other tests; `.ci/nest-compat.mjs` boots it on other versions of Nest.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { reachableFrom } from './imports.js';
import { PackedPackage } from './packed-package.js';

/** Built by Vite instead of `nest build`. */
const PAGES = path.join('dashboard', 'ui');
const OPTIONAL_FOLDERS = ['testing', 'cli', 'dashboard', 'metrics', 'terminus'];

/** Strict, and without `skipLibCheck`: a declaration of ours that does not compile is the user's error. */
const CONSUMER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
};

let packed: PackedPackage;

beforeAll(() => {
  packed = new PackedPackage();
}, 60_000);

afterAll(() => packed.remove());

/** Runs a file of the empty project and returns what it prints. */
function run(name: string, code: string): unknown {
  const file = path.join(packed.project, name);
  writeFileSync(file, code);
  const output = execFileSync(process.execPath, [file], { cwd: packed.project, encoding: 'utf8', stdio: 'pipe' });
  return JSON.parse(output);
}

describe('the published files', () => {
  it('are dist/lib, compiled from lib and nothing else, the pages of the dashboard, and four documents', () => {
    const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith(PAGES))
      .map((file) => `dist/lib/${file.split(path.sep).join('/').slice(0, -'.ts'.length)}`);
    const compiled = sources.flatMap((file) => [`${file}.d.ts`, `${file}.js`, `${file}.js.map`]);
    const expected = [...compiled, 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    expect(packed.files.filter((file) => !file.startsWith('dist/lib/dashboard/ui/')).sort()).toEqual(expected.sort());
  });

  it('have the pages of the dashboard built, each asset under a hashed name', () => {
    const pages = packed.files.filter((file) => file.startsWith('dist/lib/dashboard/ui/'));
    const names = pages.map((file) => file.slice('dist/lib/dashboard/ui/'.length).replace(/-[\w-]{8}\./, '-#.'));
    expect(names.sort()).toEqual(['assets/index-#.css', 'assets/index-#.js', 'assets/mark-#.svg', 'index.html']);
  });

  it('keep the whole page of the dashboard below 300 KB gzipped', () => {
    const pages = packed.files.filter((file) => file.startsWith('dist/lib/dashboard/ui/'));
    const sizes = pages.map((file) => gzipSync(readFileSync(path.join(packed.root, file))).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
  });

  it('carry their sources inside the source maps', () => {
    for (const file of packed.files.filter((each) => each.endsWith('.map'))) {
      const map = JSON.parse(readFileSync(path.join(packed.root, file), 'utf8')) as { sourcesContent?: string[] };
      expect([file, map.sourcesContent?.length]).toEqual([file, 1]);
    }
  });

  it('know nothing of failpoints: those of the crash tests sit in the driver', () => {
    const code = packed.files.filter((file) => file.endsWith('.js'));
    expect(code.length).toBeGreaterThan(100);
    expect(code.filter((file) => /failpoint/i.test(readFileSync(path.join(packed.root, file), 'utf8')))).toEqual([]);
  });

  it('contain what the export map points to', () => {
    const targets = Object.values(packed.manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    expect(targets.filter((target) => !existsSync(path.join(packed.root, target)))).toEqual([]);
  });
});

describe('the command line', () => {
  const file = (): string => path.join(packed.root, packed.manifest.bin['nest-durable']);

  it('can be executed as it is unpacked, and knows its version', () => {
    const output = execFileSync(file(), ['--version'], { encoding: 'utf8' });
    expect(`${output.trim()}\n`).toBe(
      `${(JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version}\n`,
    );
  });

  it('imports only packages that the manifest names', () => {
    const { dependencies, peerDependencies } = packed.manifest;
    const { packages } = reachableFrom(file(), '.js');
    expect([...packages].filter((name) => !(name in dependencies) && !(name in peerDependencies))).toEqual([]);
  });
});

describe('every entry point', () => {
  it('offers the same names to import and to require', () => {
    const names = JSON.stringify(packed.entryPoints);
    const namesOf = 'Object.keys(entry).filter((key) => key !== "__esModule").sort()';
    const required = run(
      'consumer.cjs',
      `console.log(JSON.stringify(${names}.map((name) => { const entry = require(name); return ${namesOf}; })));\n`,
    );
    // One process each: an entry point must not need that another one was loaded before.
    const imported = packed.entryPoints.map((name) =>
      run(
        'consumer.mjs',
        `import * as entry from ${JSON.stringify(name)};\nconsole.log(JSON.stringify(${namesOf}));\n`,
      ),
    );
    expect(imported).toEqual(packed.entryPoints.map(() => expect.arrayContaining([expect.any(String)])));
    expect(required).toEqual(imported);
  });

  it.each([
    [
      'ES modules',
      'consumer.mts',
      { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    ],
    [
      'CommonJS',
      'consumer.cts',
      { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    ],
    [
      'projects that resolve without export maps',
      'consumer.ts',
      { module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, ignoreDeprecations: '6.0' },
    ],
  ])(
    'has declarations that type-check in %s, without skipLibCheck',
    (_, name, options) => {
      const consumer = path.join(packed.project, name);
      const lines = packed.entryPoints.map(
        (entryPoint, index) => `import * as e${index} from '${entryPoint}';\nexport const k${index} = e${index};\n`,
      );
      writeFileSync(consumer, lines.join(''));
      const program = ts.createProgram([consumer], { ...CONSUMER_OPTIONS, ...options });
      const ours = program
        .getSourceFiles()
        .filter(({ fileName }) => fileName.startsWith(packed.root) || fileName === consumer);
      // Those of others are not checked: that takes most of the time, and says nothing about ours.
      const found = [
        ...program.getOptionsDiagnostics(),
        ...program.getGlobalDiagnostics(),
        ...ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
      ];
      expect(ours.length).toBeGreaterThan(packed.entryPoints.length);
      expect(
        found.map(
          ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
        ),
      ).toEqual([]);
    },
    120_000,
  );

  it('imports only packages that the manifest names', () => {
    const { dependencies, peerDependencies } = packed.manifest;
    for (const entryPoint of packed.entryPoints) {
      const { packages } = reachableFrom(packed.target(entryPoint, 'default'), '.js');
      const unknown = [...packages].filter((name) => !(name in dependencies) && !(name in peerDependencies));
      expect([entryPoint, unknown]).toEqual([entryPoint, []]);
    }
  });
});

describe('the main entry point', () => {
  const optional = (files: ReadonlySet<string>): string[] =>
    [...files].filter((file) =>
      OPTIONAL_FOLDERS.some((folder) => file.startsWith(path.join(packed.root, 'dist', 'lib', folder) + path.sep)),
    );

  it('needs no optional peer and no optional part at run time', () => {
    const { files, packages } = reachableFrom(packed.target('nest-durable', 'default'), '.js');
    const meta = packed.manifest.peerDependenciesMeta ?? {};
    expect(optional(files)).toEqual([]);
    expect([...packages].filter((name) => meta[name]?.optional)).toEqual([]);
  });

  it('has declarations that mention no optional part, and no package without declarations of its own', () => {
    const { files, packages } = reachableFrom(packed.target('nest-durable', 'types'), '.d.ts');
    expect(optional(files)).toEqual([]);
    expect([...packages].sort()).toEqual(['@nestjs/common', 'rxjs', 'typeorm']);
  });
});
