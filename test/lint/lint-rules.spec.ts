/**
 * The lint configuration says what the layers and the house style forbid; here every rule meets a text that breaks it,
 * and one that does not. What the rules find in the repository itself is the `lint` script's business.
 */
import { execFileSync } from 'node:child_process';

interface Message {
  readonly ruleId: string | null;
  readonly message: string;
}

interface Fixture {
  readonly title: string;
  readonly filePath: string;
  readonly code: string;
}

const LAYERS = 'house/layers';

const fixture = (title: string, filePath: string, code: string): Fixture => ({ title, filePath, code });
const imports = (from: string, specifier: string, type = false): Fixture =>
  fixture(
    `${from} importing ${type ? 'types of ' : ''}${specifier}`,
    from,
    `${type ? 'import type' : 'import'} { X } from '${specifier}';\nexport const x = X;\n`,
  );

const REFUSED_IMPORTS: Fixture[] = [
  imports('lib/errors/a.ts', '../definition/plan.js'),
  imports('lib/errors/a.ts', '@nestjs/common'),
  imports('lib/common/a.ts', '../engine/worker/worker.js'),
  imports('lib/common/a.ts', '../definition/plan.js'),
  imports('lib/common/a.ts', 'typeorm'),
  imports('lib/definition/a.ts', '../storage/contract/records.js'),
  imports('lib/definition/a.ts', '../engine/worker/worker.js', true),
  imports('lib/definition/a.ts', 'typeorm'),
  imports('lib/decorators/a.ts', '../discovery/explorer.js'),
  imports('lib/decorators/a.ts', '@nestjs/core'),
  imports('lib/durable.options.ts', './durable.module.js'),
  imports('lib/storage/contract/a.ts', '../postgres/postgres-run.store.js'),
  imports('lib/storage/contract/a.ts', 'typeorm'),
  imports('lib/storage/contract/a.ts', 'pg', true),
  imports('lib/storage/postgres/a.ts', '../../engine/worker/worker.js'),
  imports('lib/storage/postgres/a.ts', '../../runner/durable-runner.js', true),
  imports('lib/discovery/a.ts', '../engine/worker/worker.js'),
  imports('lib/discovery/a.ts', '../storage/contract/records.js'),
  imports('lib/observability/a.ts', '../engine/worker/worker.js'),
  imports('lib/runner/a.ts', '../engine/worker/worker.js'),
  imports('lib/runner/a.ts', '../storage/postgres/postgres-run.store.js', true),
  imports('lib/runner/a.ts', 'pg'),
  imports('lib/engine/worker/a.ts', '../../runner/durable-runner.js'),
  imports('lib/engine/worker/a.ts', '../../storage/postgres/postgres-run.store.js'),
  imports('lib/engine/worker/a.ts', '../../durable.module.js'),
  imports('lib/engine/worker/a.ts', 'typeorm'),
  imports('lib/engine/worker/a.ts', 'pg'),
  imports('lib/durable.module.ts', './testing/index.js'),
  imports('lib/index.ts', './testing/index.js', true),
  imports('lib/durable.module.ts', 'pg'),
  imports('lib/testing/a.ts', '../storage/postgres/postgres-run.store.js'),
  imports('lib/durable.module.ts', './dashboard/index.js'),
  imports('lib/dashboard/api/a.ts', '../../definition/run-state.js'),
  imports('lib/dashboard/api/a.ts', '../dashboard.module.js', true),
  imports('lib/dashboard/a.ts', '../engine/worker/worker.js'),
  imports('lib/dashboard/a.ts', 'pg'),
  imports('lib/dashboard/a.ts', './ui/src/main.js'),
  imports('lib/dashboard/ui/src/a.ts', '../../dashboard.module.js', true),
  imports('lib/dashboard/ui/src/a.tsx', '../../api/dashboard-api.contract.js'),
  imports('lib/dashboard/ui/src/a.ts', '@nestjs/common', true),
  imports('lib/durable.module.ts', './cli/main.js'),
  imports('lib/durable.module.ts', './metrics/index.js'),
  imports('lib/metrics/a.ts', 'prom-client'),
  imports('lib/metrics/a.ts', '../engine/worker/worker.js'),
  imports('lib/terminus/a.ts', '../metrics/index.js'),
  imports('lib/terminus/a.ts', 'typeorm'),
  imports('lib/observability/a.ts', '@opentelemetry/api'),
  imports('lib/cli/a.ts', '../engine/worker/worker.js'),
  imports('lib/cli/a.ts', 'pg'),
  imports('lib/dashboard/a.ts', '../cli/cli.js'),
  imports('lib/cli/a.ts', 'typeorm'),
  imports('lib/engine/a.ts', '../../sample-app/main.js'),
  imports('lib/engine/a.ts', '../../test/support/gate.js'),
  imports('sample-app/main.ts', '../lib/engine/worker/worker.js'),
  fixture('a re-export', 'lib/common/a.ts', `export { X } from '../engine/x.js';\n`),
  fixture('a star re-export', 'lib/common/a.ts', `export * from '../engine/x.js';\n`),
  fixture('a dynamic import', 'lib/common/a.ts', `export const x = () => import('typeorm');\n`),
  fixture('an import type', 'lib/common/a.ts', `export type X = import('../engine/x.js').X;\n`),
];

const ALLOWED_IMPORTS: Fixture[] = [
  imports('lib/errors/a.ts', '../definition/run-state.js', true),
  imports('lib/common/a.ts', '../errors/index.js'),
  imports('lib/common/a.ts', 'node:crypto'),
  imports('lib/definition/a.ts', 'typeorm', true),
  imports('lib/storage/contract/a.ts', '../../definition/run-state.js'),
  imports('lib/storage/contract/a.ts', 'typeorm', true),
  imports('lib/storage/postgres/a.ts', 'pg'),
  imports('lib/storage/postgres/a.ts', 'typeorm'),
  imports('lib/runner/a.ts', '../storage/contract/run-admin.contract.js'),
  imports('lib/engine/execution/a.ts', '../journal/checkpoint-writer.js'),
  imports('lib/engine/execution/a.ts', '../../durable.options.js', true),
  imports('lib/durable.module.ts', './engine/worker/worker.js'),
  imports('lib/testing/a.ts', '../index.js'),
  imports('lib/dashboard/a.ts', '../runner/durable-runner.js'),
  imports('lib/dashboard/api/a.ts', '../../runner/run-explanation.interface.js', true),
  imports('lib/dashboard/ui/src/a.tsx', '../../api/dashboard-api.contract.js', true),
  imports('lib/dashboard/ui/src/a.ts', '../../../definition/plan-json.js', true),
  imports('lib/dashboard/ui/src/a.tsx', 'preact/hooks'),
  imports('lib/cli/a.ts', '../durable.module.js'),
  imports('lib/cli/a.ts', '../storage/postgres/schema-manager.js'),
  imports('lib/cli/a.ts', 'commander'),
  imports('lib/metrics/a.ts', '../observability/event-bus.js'),
  imports('lib/metrics/a.ts', 'prom-client', true),
  imports('lib/terminus/a.ts', '@nestjs/terminus'),
  imports('lib/observability/a.ts', '@opentelemetry/api', true),
  imports('lib/cli/a.ts', '../dashboard/index.js'),
  imports('sample-app/main.ts', '../lib/index.js'),
  imports('sample-app/main.ts', '../lib/dashboard/index.js'),
  imports('test/unit/a.spec.ts', '../../lib/engine/worker/worker.js'),
];

const lines = (count: number): string => 'f();\n'.repeat(count);

const HOUSE_RULES: (Fixture & { readonly rule: string })[] = [
  { rule: 'max-lines', ...fixture('a file of 401 lines', 'lib/a.ts', lines(401)) },
  {
    rule: 'max-lines-per-function',
    ...fixture('a function of 61 lines', 'lib/a.ts', `function g() {\n${lines(59)}}\ng();\n`),
  },
  { rule: 'no-console', ...fixture('console in lib', 'lib/a.ts', `console.log('x');\n`) },
  { rule: 'no-restricted-syntax', ...fixture('top-level await', 'lib/a.ts', `const x = await f();\nf(x);\n`) },
  { rule: 'no-restricted-syntax', ...fixture('it.only', 'test/unit/a.spec.ts', `it.only('x', f);\n`) },
  { rule: 'no-restricted-syntax', ...fixture('describe.skip', 'test/unit/a.spec.ts', `describe.skip('x', f);\n`) },
  { rule: 'no-restricted-syntax', ...fixture('it.skip.each', 'test/unit/a.spec.ts', `it.skip.each([])('x', f);\n`) },
  { rule: 'no-restricted-syntax', ...fixture('xit', 'test/unit/a.spec.ts', `xit('x', f);\n`) },
  { rule: 'no-restricted-globals', ...fixture('a sleep', 'test/unit/a.spec.ts', `setTimeout(f, 10);\n`) },
  {
    rule: 'no-restricted-imports',
    ...fixture('timers/promises', 'test/e2e/a.spec.ts', `import { setTimeout } from 'node:timers/promises';\n`),
  },
  {
    rule: '@typescript-eslint/no-explicit-any',
    ...fixture('any inside the engine', 'lib/engine/a.ts', `export const x: any = 1;\n`),
  },
  {
    rule: 'no-console',
    ...fixture('a comment that switches a rule off', 'lib/a.ts', `/* eslint-${'disable'} */\nconsole.log('x');\n`),
  },
];

describe('the lint configuration', () => {
  let messages: ReadonlyMap<Fixture, readonly Message[]>;

  beforeAll(() => {
    const fixtures = [...REFUSED_IMPORTS, ...ALLOWED_IMPORTS, ...HOUSE_RULES];
    const input = JSON.stringify(fixtures.map(({ filePath, code }) => ({ filePath, code })));
    const output = execFileSync(process.execPath, ['test/lint/lint-text.mjs', input], { encoding: 'utf8' });
    const results = JSON.parse(output) as Message[][];
    messages = new Map(fixtures.map((each, index) => [each, results[index] ?? []]));
  }, 60_000);

  const ruleIds = (each: Fixture): (string | null)[] => (messages.get(each) ?? []).map(({ ruleId }) => ruleId);

  it.each(REFUSED_IMPORTS)('refuses $title', (each) => {
    expect(ruleIds(each)).toContain(LAYERS);
  });

  it.each(ALLOWED_IMPORTS)('lets pass $title', (each) => {
    expect(ruleIds(each)).not.toContain(LAYERS);
  });

  it.each(HOUSE_RULES)('reports $title', (each) => {
    expect(ruleIds(each)).toContain(each.rule);
  });

  it('says which layer must not import which', () => {
    expect(messages.get(REFUSED_IMPORTS[2])).toContainEqual({
      ruleId: LAYERS,
      message: 'the layer "common" must not import the layer "engine" (.ci/lint/layers.mjs says who may import whom).',
    });
  });
});
