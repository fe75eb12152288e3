import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { layersRule } from './.ci/lint/layers-rule.mjs';

/** Tests wait for what happens, not for time to pass: gates, the virtual clock, `drain()`. */
const sleeping = [
  { name: 'setTimeout', message: 'Tests do not sleep: use a gate, the virtual clock or a helper of test/support.' },
  { name: 'setInterval', message: 'Tests do not sleep: use a gate, the virtual clock or a helper of test/support.' },
];
const focusing = [
  {
    selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo|failing)$/]',
    message: 'Every test runs, every time.',
  },
  {
    selector: 'CallExpression[callee.name=/^(fit|fdescribe|xit|xtest|xdescribe)$/]',
    message: 'Every test runs, every time.',
  },
];

/** What was caught, and an abort signal's reason, may be thrown on: their types say nothing. */
const PASSED_ON = { allowThrowingAny: true, allowThrowingUnknown: true };

export default defineConfig(
  globalIgnores(['dist/', 'coverage/']),
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { house: { rules: { layers: layersRule } } },
    rules: {
      'house/layers': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-asserted-optional-chain': 'error',
      '@typescript-eslint/no-require-imports': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/only-throw-error': ['error', PASSED_ON],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', PASSED_ON],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: 'error',
      'no-cond-assign': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-debugger': 'error',
      'no-dupe-else-if': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['lib/**/*.ts', 'lib/**/*.tsx'],
    rules: {
      '@typescript-eslint/ban-ts-comment': 'error',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', 60],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Program > ExpressionStatement > AwaitExpression, Program > VariableDeclaration AwaitExpression',
          message: 'No top-level await in lib/: `require()` of the package would fail.',
        },
      ],
    },
  },
  {
    // One statement or one migration a file: its length is the SQL's, and the cap of the file still holds.
    files: ['lib/**/*.sql.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // Public signatures say `any` where a value's type is the user's; inside, `unknown` is narrowed.
    files: ['lib/{common,errors,discovery,engine,storage}/**/*.ts'],
    rules: { '@typescript-eslint/no-explicit-any': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...focusing],
      // Tests of decorators run what another compiler made of them.
      '@typescript-eslint/no-implied-eval': 'off',
    },
  },
  {
    // The soak holds no tests: it paces faults and callers.
    files: ['test/**/*.ts'],
    ignores: ['test/support/**', 'test/soak/**'],
    rules: {
      'no-restricted-globals': ['error', ...sleeping],
      'no-restricted-imports': [
        'error',
        { paths: ['timers', 'node:timers', 'timers/promises', 'node:timers/promises'] },
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    rules: {
      eqeqeq: 'error',
      'no-unused-vars': 'error',
      'no-undef': 'off',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
);
