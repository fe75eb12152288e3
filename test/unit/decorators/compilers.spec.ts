/**
 * Covers what the decorators write down, as each compiler of TypeScript calls them: the order of methods and properties,
 * and what a member is. What is made of it: `../discovery/`.
 */
import 'reflect-metadata';
import swc from '@swc/core';
import ts from 'typescript';
import * as decorators from '../../../lib/decorators/index.js';
import { NODES_METADATA } from '../../../lib/decorators/declare-node.js';
import type { MemberDeclaration } from '../../../lib/decorators/node-declaration.interface.js';
import { WorkflowMetadataAccessor } from '../../../lib/discovery/workflow-metadata.accessor.js';

const SOURCE = `
  class Base { @Step() inherited() {} }
  @Workflow({ name: 'compiled', version: 2 })
  class Compiled extends Base {
    @Sleep('1s') first!: void;
    @Step() second() {}
    @WaitForSignal('approved') third!: string | null;
    @Parallel('group') fourth() {}
    @Sleep() fifth() { return '1s'; }
    @Step() get sixth() { return 1; }
    @Step() static last() {}
    plain() {}
  }
  return Compiled;
`;

function withTypeScript(useDefineForClassFields: boolean): string {
  return ts.transpileModule(`function make() {${SOURCE}}`, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      useDefineForClassFields,
    },
  }).outputText;
}

function withSwc(useDefineForClassFields: boolean): string {
  return swc.transformSync(`function make() {${SOURCE}}`, {
    configFile: false,
    swcrc: false,
    isModule: false,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields },
    },
  }).code;
}

/** Runs the compiled text with the decorators in scope. */
function evaluate(code: string): abstract new (...args: never[]) => object {
  const names = Object.keys(decorators);
  const make = new Function(...names, `${code}\nreturn make();`) as (...args: unknown[]) => never;
  return make(...Object.values(decorators));
}

describe.each([
  ['tsc', withTypeScript],
  ['swc', withSwc],
])('compiled by %s', (_compiler, compile) => {
  describe.each([false, true])('with useDefineForClassFields %p', (useDefine) => {
    const target = evaluate(compile(useDefine));

    it('members come in the order of declaration, methods and properties alike', () => {
      const members = new WorkflowMetadataAccessor().members(target);
      expect(members.map(({ key, member }) => `${String(key)}: ${member}`)).toEqual([
        'inherited: method',
        'first: property',
        'second: method',
        'third: property',
        'fourth: method',
        'fifth: method',
        'sixth: accessor',
        'last: method',
      ]);
      expect(members.filter(({ isStatic }) => isStatic).map(({ key }) => key)).toEqual(['last']);
    });

    it('the class has its identity', () => {
      expect(new WorkflowMetadataAccessor().identity(target)).toEqual({
        name: 'compiled',
        version: 2,
        schema: undefined,
      });
    });
  });
});

describe('decorators', () => {
  it('write metadata and leave class, prototype and methods as they are', () => {
    const { Step, Workflow } = decorators;
    const method = function charge() {};
    class Plain {}
    Object.defineProperty(Plain.prototype, 'charge', { value: method, configurable: true, writable: true });
    const before = Reflect.ownKeys(Plain.prototype);
    Step()(Plain.prototype, 'charge', Object.getOwnPropertyDescriptor(Plain.prototype, 'charge')!);
    Workflow('plain')(Plain);
    expect(Reflect.ownKeys(Plain.prototype)).toEqual(before);
    expect((Plain.prototype as { charge?: unknown }).charge).toBe(method);
    expect(Object.keys(Plain)).toEqual([]);
  });

  it('keep what a subclass declares apart from its base', () => {
    const { Step } = decorators;
    class Base {
      @Step() one() {}
    }
    class Derived extends Base {
      @Step() two() {}
    }
    const keys = (target: object) =>
      (Reflect.getOwnMetadata(NODES_METADATA, target) as MemberDeclaration[]).map(({ key }) => key);
    expect([keys(Base), keys(Derived)]).toEqual([['one'], ['two']]);
  });

  it('store options without looking at them, because discovery reports all mistakes at once', () => {
    const { ChildWorkflow, Loop, Step, Workflow } = decorators;
    expect(() => {
      @Workflow(undefined as never)
      class Wrong {
        @Step(5 as never) a() {}
        @Loop(undefined as never) b() {}
        @ChildWorkflow(undefined as never) c!: unknown;
      }
      return Wrong;
    }).not.toThrow();
  });
});
