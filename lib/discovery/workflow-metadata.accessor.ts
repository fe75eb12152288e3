import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { NODES_METADATA } from '../decorators/declare-node.js';
import type { MemberDeclaration, MemberKind, NodeDeclaration } from '../decorators/node-declaration.interface.js';
import { identityOf, type WorkflowIdentity } from '../definition/workflow-identity.js';

/** A decorated member of a class, with what its decorators say. */
export interface WorkflowMember {
  readonly key: string | symbol;
  readonly member: MemberKind;
  readonly isStatic: boolean;
  /** More than one is a mistake, which the compiler reports. */
  readonly nodes: readonly NodeDeclaration[];
}

/**
 * The only reader of the metadata that the decorators write.
 *
 * Guarantees: members come in the order of the plan. Those of a base class come first, in its order; one that a subclass
 * declares again keeps the base's place and has the subclass's options, one that it overrides without a decorator keeps
 * both.
 */
@Injectable()
export class WorkflowMetadataAccessor {
  /** Name and version of a workflow class; a subclass without `@Workflow` has its base's. */
  identity(target: unknown): WorkflowIdentity | undefined {
    return identityOf(target);
  }

  /** Every decorated member of the class and of those that it extends. */
  members(target: unknown): readonly WorkflowMember[] {
    const merged = new Map<string | symbol, WorkflowMember>();
    for (const owner of lineage(target)) {
      for (const [id, member] of ownMembers(owner)) merged.set(id, member);
    }
    return [...merged.values()];
  }
}

/** The class and those that it extends, the base first. */
function lineage(target: unknown): object[] {
  const classes: object[] = [];
  for (let at = target; typeof at === 'function' && at !== Function.prototype; at = Object.getPrototypeOf(at)) {
    classes.unshift(at);
  }
  return classes;
}

function ownMembers(owner: object): Map<string | symbol, WorkflowMember> {
  const declared = (Reflect.getOwnMetadata(NODES_METADATA, owner) ?? []) as readonly MemberDeclaration[];
  const members = new Map<string | symbol, WorkflowMember>();
  for (const { key, member, isStatic, node } of declared) {
    const id = isStatic ? `static ${String(key)}` : key;
    members.set(id, { key, member, isStatic, nodes: [...(members.get(id)?.nodes ?? []), node] });
  }
  return members;
}
