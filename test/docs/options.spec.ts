/** The tables of options in the README list what the code accepts, with the defaults that the code documents. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const README = readFileSync('README.md', 'utf8');
const OPTIONS = readFileSync('lib/durable.options.ts', 'utf8');

/** The properties of an interface, each with the text of its `@default` tag. */
function documented(name: string): [string, string][] {
  const file = ts.createSourceFile('durable.options.ts', OPTIONS, ts.ScriptTarget.ES2022, true);
  const declaration = file.statements.filter(ts.isInterfaceDeclaration).find((each) => each.name.text === name);
  return (declaration?.members ?? []).filter(ts.isPropertySignature).map((member) => {
    const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
    return [member.name?.getText(file) ?? '', (ts.getTextOfJSDocComment(tag?.comment) ?? '').replace(/`/g, '')];
  });
}

/** The first two cells of the rows of the table that follows a heading. */
function tabled(heading: string): [string, string][] {
  const section = README.split(`\n${heading}\n`)[1]?.split(/\n#/)[0] ?? '';
  return [...section.matchAll(/^\| `(\w+)` +\| (.+?) +\|/gm)].map(([, name = '', value = '']) => [
    name,
    value.replace(/`/g, ''),
  ]);
}

describe('the options in the README', () => {
  it.each([
    ['DurableModuleOptions', '### Options of the module'],
    ['WorkerOptions', '### Options of the worker'],
  ])('are those of %s, with its defaults', (name, heading) => {
    expect(tabled(heading)).toEqual(documented(name));
  });
});
