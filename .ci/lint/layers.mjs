/**
 * Which folder may import what. Everything that is not listed is refused.
 *
 * - `folder`: the longest match of a file's path decides its layer.
 * - `uses`: layers that it may import; `types`: layers that it may import with `import type` only.
 * - `packages`: packages that it may import; `packageTypes`: packages of which it may import types only.
 *
 * A layer may always import itself and `node:` modules.
 */
export const LAYERS = {
  errors: {
    folder: 'lib/errors/',
    types: ['common', 'definition', 'contract'],
  },
  common: {
    folder: 'lib/common/',
    uses: ['errors'],
    types: ['contract'],
    packages: ['uuid'],
    packageTypes: ['@nestjs/common'],
  },
  definition: {
    folder: 'lib/definition/',
    uses: ['common', 'errors'],
    packageTypes: ['@nestjs/common', 'typeorm'],
  },
  decorators: {
    folder: 'lib/decorators/',
    uses: ['common', 'errors', 'definition'],
    packages: ['@nestjs/common', 'reflect-metadata'],
  },
  options: {
    folder: 'lib/durable.',
    uses: ['common', 'errors', 'definition'],
    packages: ['@nestjs/common'],
  },
  contract: {
    folder: 'lib/storage/contract/',
    uses: ['common', 'errors', 'definition'],
    packageTypes: ['typeorm'],
  },
  storage: {
    folder: 'lib/storage/postgres/',
    uses: ['common', 'errors', 'definition', 'contract', 'options'],
    packages: ['@nestjs/common', '@nestjs/typeorm', 'typeorm', 'pg', 'pg-*'],
  },
  discovery: {
    folder: 'lib/discovery/',
    uses: ['common', 'errors', 'definition', 'decorators', 'options'],
    packages: ['@nestjs/common', '@nestjs/core', 'reflect-metadata'],
  },
  observability: {
    folder: 'lib/observability/',
    uses: ['common', 'errors', 'definition', 'contract', 'options'],
    packages: ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'],
    packageTypes: ['@opentelemetry/api'],
  },
  runner: {
    folder: 'lib/runner/',
    uses: ['common', 'errors', 'definition', 'contract', 'options', 'observability'],
    packages: ['@nestjs/common'],
    packageTypes: ['typeorm'],
  },
  engine: {
    folder: 'lib/engine/',
    uses: ['common', 'errors', 'definition', 'contract', 'options', 'observability'],
    packages: ['@nestjs/common'],
    packageTypes: ['typeorm'],
  },
  root: {
    folder: 'lib/',
    uses: [
      'common',
      'errors',
      'definition',
      'decorators',
      'options',
      'contract',
      'storage',
      'discovery',
      'observability',
      'runner',
      'engine',
    ],
    packages: ['@nestjs/common', '@nestjs/core', '@nestjs/typeorm'],
    packageTypes: ['typeorm'],
  },
  testing: {
    folder: 'lib/testing/',
    uses: ['common', 'errors', 'definition', 'options', 'contract', 'runner', 'engine', 'root'],
    packages: ['@nestjs/common', '@nestjs/core', '@nestjs/testing', '@nestjs/typeorm'],
    packageTypes: ['typeorm'],
  },
  metrics: {
    folder: 'lib/metrics/',
    uses: ['common', 'errors', 'observability'],
    types: ['contract'],
    packages: ['@nestjs/common', '@nestjs/core'],
    packageTypes: ['prom-client'],
  },
  terminus: {
    folder: 'lib/terminus/',
    uses: ['common', 'errors', 'observability'],
    packages: ['@nestjs/common', '@nestjs/terminus'],
  },
  // What the dashboard's page and its server say to each other: nothing of it may pull the server into the browser.
  dashboardApi: {
    folder: 'lib/dashboard/api/',
    types: ['common', 'errors', 'definition', 'contract', 'runner'],
  },
  dashboard: {
    folder: 'lib/dashboard/',
    uses: ['common', 'errors', 'definition', 'options', 'contract', 'storage', 'runner', 'root', 'dashboardApi'],
    packages: ['@nestjs/common', '@nestjs/core', '@nestjs/typeorm'],
    packageTypes: ['typeorm'],
  },
  // What runs in the browser: it knows the server by types alone.
  dashboardUi: {
    folder: 'lib/dashboard/ui/',
    types: ['definition', 'dashboardApi'],
    packages: ['preact', '@preact/signals', 'wouter-preact', '@dagrejs/dagre'],
  },
  cli: {
    folder: 'lib/cli/',
    uses: ['common', 'errors', 'definition', 'options', 'contract', 'storage', 'runner', 'root', 'dashboard'],
    packages: ['@nestjs/common', '@nestjs/core', '@nestjs/typeorm', 'commander', 'cli-table3', 'cli-progress'],
    packageTypes: ['typeorm'],
  },
};

/** Files of the root that every layer above `definition` may read: they hold options and tokens, no composition. */
const OPTION_FILES = new Set(['lib/durable.options.ts', 'lib/durable.constants.ts']);

/** The layer of a file, given by its path from the root of the repository; `undefined` outside `lib/`. */
export function layerOf(file) {
  if (OPTION_FILES.has(file)) return 'options';
  let found;
  for (const [name, { folder }] of Object.entries(LAYERS)) {
    if (name === 'options' || !file.startsWith(folder)) continue;
    if (found === undefined || folder.length > LAYERS[found].folder.length) found = name;
  }
  return found;
}

const matches = (patterns, name) =>
  (patterns ?? []).some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern || name.startsWith(`${pattern}/`),
  );

/**
 * Why `file` may not import `target`, or `null` when it may.
 *
 * @param {string} file the importing file, from the root of the repository.
 * @param {string} target a file from the root of the repository (`lib/errors/index.js`), or a package's name.
 * @param {{ isFile: boolean, isType: boolean }} kind
 */
export function refusal(file, target, { isFile, isType }) {
  const from = layerOf(file);
  if (!isFile) return from === undefined ? null : packageRefusal(from, target, isType);
  const to = layerOf(target.replace(/\.js$/, '.ts'));
  if (from === undefined) return outsideRefusal(file, target, to);
  if (to === undefined) return `lib/ must not import ${target}: the package contains nothing but lib/.`;
  if (from === to) return null;
  const { uses = [], types = [] } = LAYERS[from];
  if (uses.includes(to) || (isType && types.includes(to))) return null;
  if (types.includes(to)) return `the layer "${from}" may import types of "${to}" only: use \`import type\`.`;
  return `the layer "${from}" must not import the layer "${to}" (.ci/lint/layers.mjs says who may import whom).`;
}

function packageRefusal(from, name, isType) {
  if (name.startsWith('node:')) return null;
  const { packages, packageTypes } = LAYERS[from];
  if (matches(packages, name) || (isType && matches(packageTypes, name))) return null;
  if (matches(packageTypes, name))
    return `the layer "${from}" may import types of "${name}" only: use \`import type\`.`;
  return `the layer "${from}" must not import the package "${name}" (.ci/lint/layers.mjs says who may import what).`;
}

/** The sample application uses the package as its users do: through its entry points. */
function outsideRefusal(file, target, to) {
  const entryPoint = [
    'lib/index.js',
    'lib/testing/index.js',
    'lib/dashboard/index.js',
    'lib/metrics/index.js',
    'lib/terminus/index.js',
  ].includes(target);
  if (to === undefined || entryPoint || !file.startsWith('sample-app/')) return null;
  return `sample-app/ must not import ${target}: use an entry point of the package.`;
}
