/**
 * Jest as ESM: Nest 12 is ESM only, and Jest cannot `require` it on Node 20. One project a kind of test, so that
 * `--selectProjects unit` needs no database: only projects that use one start it.
 */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^nest-durable$': '<rootDir>/lib/index.ts',
    '^nest-durable/(dashboard|metrics|terminus|testing)$': '<rootDir>/lib/$1/index.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const withDatabase = {
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

const project = (displayName, folders, options = {}) => ({
  ...common,
  ...options,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
});

export default {
  /** Jest reads it here only, not in a project. Far above what any test takes, so that a busy machine fails none. */
  testTimeout: 120_000,
  projects: [
    project('unit', ['unit', 'lint']),
    project('docs', ['docs']),
    project('package', ['package']),
    project('integration', ['integration', 'plans'], withDatabase),
    project('load', ['load', 'costs'], withDatabase),
    project('e2e', ['e2e'], withDatabase),
    project('crash', ['crash'], withDatabase),
    // Needs Chromium, so `npm test` leaves it out: `npm run test:browser`.
    project('browser', ['browser'], withDatabase),
  ],
};
