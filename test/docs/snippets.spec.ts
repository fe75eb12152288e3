/**
 * Every TypeScript block of every document compiles on its own against the package, as a user's file would. What the
 * blocks do is covered by the end-to-end tests, which run the sample application.
 */
import path from 'node:path';
import ts from 'typescript';
import { codeBlocks, documents } from './markdown.js';

const root = process.cwd();
const blocks = documents()
  .flatMap(codeBlocks)
  .filter(({ language }) => language === 'ts' || language === 'typescript')
  .map((block) => ({
    ...block,
    virtual: path.join(root, `snippet-${block.file.replace(/\W/g, '-')}-${block.line}.ts`),
  }));

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: unknown };
  };
  const parsed = ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options;
  return {
    ...parsed,
    noEmit: true,
    declaration: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: {
      'nest-durable': [path.join(root, 'lib/index.ts')],
      'nest-durable/*': [path.join(root, 'lib/*/index.ts')],
    },
  };
}

/** A host that reads the blocks from memory and everything else from the disk. */
function host(compilerOptions: ts.CompilerOptions): ts.CompilerHost {
  const texts = new Map(blocks.map(({ virtual, code }) => [virtual, code]));
  const base = ts.createCompilerHost(compilerOptions);
  return {
    ...base,
    fileExists: (file) => texts.has(file) || base.fileExists(file),
    readFile: (file) => texts.get(file) ?? base.readFile(file),
    getSourceFile: (file, languageVersion, ...rest) => {
      const text = texts.get(file);
      if (text === undefined) return base.getSourceFile(file, languageVersion, ...rest);
      return ts.createSourceFile(file, text, languageVersion);
    },
  };
}

describe('the TypeScript of the documents', () => {
  let program: ts.Program;

  beforeAll(() => {
    const compilerOptions = options();
    program = ts.createProgram({
      rootNames: blocks.map(({ virtual }) => virtual),
      options: compilerOptions,
      host: host(compilerOptions),
    });
  }, 120_000);

  it('is there', () => {
    expect(blocks.length).toBeGreaterThan(0);
  });

  it.each(blocks)('compiles: $file, line $line', ({ file, line, virtual }) => {
    const source = program.getSourceFile(virtual);
    const problems = ts
      .getPreEmitDiagnostics(program, source)
      .filter((diagnostic) => diagnostic.file === source)
      .map(({ start = 0, messageText }) => {
        const at = line + (source?.getLineAndCharacterOfPosition(start).line ?? 0);
        return `${file}:${at} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      });
    expect(problems).toEqual([]);
  });
});
