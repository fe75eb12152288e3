import { Module, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { WorkflowExplorer, type Exploration } from '../../../lib/discovery/workflow.explorer.js';
import { WorkflowMetadataAccessor } from '../../../lib/discovery/workflow-metadata.accessor.js';
import type { DurableWorkflow } from '../../../lib/definition/durable-workflow.js';

@Module({
  imports: [DiscoveryModule],
  providers: [WorkflowMetadataAccessor, WorkflowExplorer],
  exports: [WorkflowExplorer],
})
class ExplorerModule {}

type Class = abstract new (...args: never[]) => unknown;

export interface Explored extends Exploration {
  /** The instance that Nest made. */
  get<T>(token: abstract new (...args: never[]) => T): T;
}

/** Explores an application whose root module has these providers. */
export async function explore(
  providers: readonly Provider[],
  options: {
    readonly imports?: readonly Class[];
    readonly registered?: readonly DurableWorkflow[];
    readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  } = {},
): Promise<Explored> {
  const imports = [ExplorerModule, ...(options.imports ?? [])] as never[];
  const builder = Test.createTestingModule({ imports, providers: [...providers] });
  const app = await (options.override?.(builder) ?? builder).compile();
  const exploration = app.get(WorkflowExplorer, { strict: false }).explore(options.registered);
  await app.close();
  return { ...exploration, get: (token) => app.get(token as never, { strict: false }) };
}
