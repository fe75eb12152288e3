import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>;
}

/**
 * The package as `npm pack` makes it, unpacked into the `node_modules` of an empty project whose other modules are links
 * to those of the repository, so that nothing is downloaded. `remove` deletes the project.
 */
export class PackedPackage {
  /** The empty project that uses the package. */
  readonly project: string;
  /** Where the package is unpacked. */
  readonly root: string;
  readonly files: readonly string[];
  readonly manifest: Manifest;

  constructor() {
    if (!existsSync('dist/lib/index.js')) throw new Error('There is no dist/lib: run `npm run build` first.');
    this.project = realpathSync(mkdtempSync(path.join(tmpdir(), 'nest-durable-package-')));
    const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', this.project], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const report = Object.values(JSON.parse(output) as Record<string, PackReport>)[0];
    this.files = report.files.map((file) => file.path);
    this.root = path.join(this.project, 'node_modules', 'nest-durable');
    this.linkModules();
    mkdirSync(this.root);
    const tarball = path.join(this.project, report.filename);
    execFileSync('tar', ['-xzf', tarball, '-C', this.root, '--strip-components=1']);
    this.manifest = JSON.parse(readFileSync(path.join(this.root, 'package.json'), 'utf8')) as Manifest;
  }

  /** The entry points as users write them, without the manifest: `nest-durable`, `nest-durable/testing`. */
  get entryPoints(): string[] {
    return this.subpaths.map((subpath) => path.posix.join('nest-durable', subpath));
  }

  /** The unpacked file that an entry point leads to. */
  target(entryPoint: string, condition: 'types' | 'default'): string {
    const subpath = `.${entryPoint.slice('nest-durable'.length)}`;
    const entry = this.manifest.exports[subpath];
    if (typeof entry !== 'object') throw new Error(`${entryPoint} is not exported.`);
    return path.join(this.root, entry[condition]);
  }

  remove(): void {
    rmSync(this.project, { recursive: true, force: true });
  }

  private get subpaths(): string[] {
    return Object.keys(this.manifest.exports).filter((subpath) => subpath !== './package.json');
  }

  private linkModules(): void {
    const modules = path.dirname(this.root);
    mkdirSync(modules, { recursive: true });
    for (const name of readdirSync('node_modules')) {
      if (!name.startsWith('.')) symlinkSync(path.resolve('node_modules', name), path.join(modules, name));
    }
  }
}
