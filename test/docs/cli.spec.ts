/** docs/cli.md has every command and option of the command line, an example of each, the exit codes, and nothing else. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { EXIT, EXIT_MEANINGS } from '../../lib/cli/exit-code.js';
import { createProgram } from '../../lib/cli/program.js';
import { Session } from '../../lib/cli/session.js';

const text = readFileSync('docs/cli.md', 'utf8');
const sink = { write: (): boolean => true };
const never = new AbortController().signal;
const streams = { stdin: process.stdin, stdout: sink, stderr: sink };
const program = createProgram(
  new Session({ ...streams, env: {}, cwd: '.', user: undefined, interrupted: never, unread: never }),
);

const [, commands = ''] = text.split('\n## Commands\n');
const sections = new Map(
  commands
    .split('\n## ')[0]
    .split('\n### ')
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

const longNames = (command: Command): string[] => command.options.map(({ long }) => long ?? '').sort();
const mentioned = (section: string): string[] =>
  [
    ...new Set([...section.matchAll(/^\| `([^`]+)`/gm)].flatMap(([, option = '']) => option.match(/--[\w-]+/) ?? [])),
  ].sort();

it('documents every command, in their order, and no other', () => {
  expect([...sections.keys()]).toEqual(program.commands.map((command) => command.name()));
});

it.each(program.commands.map((command) => [command.name(), command] as const))('%s', (name, command) => {
  const section = sections.get(name) ?? '';
  expect(section).toContain(`\`${name}`);
  expect(section).toMatch(/```/);
  for (const option of longNames(command)) expect([name, section.includes(`${option}`)]).toEqual([name, true]);
  expect(longNames(command)).toEqual(expect.arrayContaining(mentioned(section)));
});

it('documents the options that every command has', () => {
  const [, section = ''] = text.split('\n## Options of every command\n');
  expect(mentioned(section.split('\n## ')[0])).toEqual([...longNames(program), '--help'].sort());
});

it('has the exit codes of the program, with their meanings', () => {
  const rows = [...text.matchAll(/^\| `(\d+)` +\| `(\w+)` +\| (.+?) +\|$/gm)].map(([, code, name, meaning]) => [
    name,
    Number(code),
    meaning,
  ]);
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  expect(rows).toEqual(names.map((name) => [name, EXIT[name], EXIT_MEANINGS[name]]));
});
