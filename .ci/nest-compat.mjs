// Installs the packed package into an empty CommonJS project with another major version of Nest, boots it there on a real
// PostgreSQL and lets one run end. Usage: node .ci/nest-compat.mjs 11        needs: npm run build, and the registry
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalPostgres } from '../sample-app/local-postgres.mjs';

const [major = '11'] = process.argv.slice(2);
const project = mkdtempSync(path.join(tmpdir(), `nest-durable-nest-${major}-`));
const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'], ...options });

/** Plain JavaScript: decorators are functions, so that no compiler stands between the package and the test. */
const APPLICATION = `
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { TypeOrmModule } = require('@nestjs/typeorm');
const { DurableModule, DurableRunner, Step, Workflow } = require('nest-durable');

class Greeting {
  greet(ctx) { return 'hello ' + ctx.input.name; }
  async stamp(ctx) { return (await ctx.manager.query('select 42 as answer'))[0]; }
}
const decorate = (name, options) =>
  Step(options)(Greeting.prototype, name, Object.getOwnPropertyDescriptor(Greeting.prototype, name));
decorate('greet', {});
decorate('stamp', { transactional: true });
Workflow('greeting')(Greeting);

class AppModule {}
Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL, autoLoadEntities: true }),
    DurableModule.forRoot({}),
  ],
  providers: [Greeting],
})(AppModule);

(async () => {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const result = await app.get(DurableRunner).startAndWait(Greeting, { name: 'Nest' });
  await app.close();
  const expected = JSON.stringify({ greet: 'hello Nest', stamp: { answer: 42 } });
  if (JSON.stringify(result) !== expected) throw new Error('unexpected result: ' + JSON.stringify(result));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;

const database = process.env.DATABASE_URL ? null : await startLocalPostgres();
try {
  const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], {
    encoding: 'utf8',
  }).trim();
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'application', private: true }));
  writeFileSync(path.join(project, 'main.cjs'), APPLICATION);
  const nest = ['common', 'core', 'typeorm'].map((name) => `@nestjs/${name}@${major}`);
  run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    ...nest,
    'typeorm@1',
    'pg@8',
    'reflect-metadata',
    'rxjs',
    `./${packed}`,
  ]);
  run(process.execPath, ['main.cjs'], {
    env: { ...process.env, DATABASE_URL: process.env.DATABASE_URL ?? database.url },
  });
  console.log(`Nest ${major}: a run ended.`);
} finally {
  await database?.stop();
  rmSync(project, { recursive: true, force: true });
}
