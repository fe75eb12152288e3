import 'reflect-metadata';
import type { MemberDeclaration, MemberKind, NodeDeclaration } from './node-declaration.interface.js';

/** Under this key a class has the `MemberDeclaration`s of its own members, in the order of their declaration. */
export const NODES_METADATA = 'nest-durable:nodes';

/**
 * Notes one decorator on the class that declares the member. Compilers run the decorators of instance members in the
 * order of declaration, methods and properties alike, so the order of the notes is the order of the plan.
 */
export function declareNode(
  target: object,
  key: string | symbol,
  descriptor: PropertyDescriptor | undefined,
  node: NodeDeclaration,
): void {
  const isStatic = typeof target === 'function';
  const owner = isStatic ? target : target.constructor;
  const declared = (Reflect.getOwnMetadata(NODES_METADATA, owner) ?? []) as readonly MemberDeclaration[];
  const added: MemberDeclaration = { key, member: memberKind(descriptor), isStatic, node };
  Reflect.defineMetadata(NODES_METADATA, [...declared, added], owner);
}

/** Compilers pass no descriptor for a property. */
function memberKind(descriptor: PropertyDescriptor | undefined): MemberKind {
  if (descriptor === undefined) return 'property';
  return 'value' in descriptor ? 'method' : 'accessor';
}
