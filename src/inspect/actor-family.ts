/**
 * What an actor has invoked and spawned, as its snapshot says. Logic that is not XState's own may
 * have any snapshot, also one that throws: to be looked at must harm nobody.
 */
import type { AnyActor } from 'xstate';

export function childrenOf(actor: AnyActor): AnyActor[] {
  const children = read(actor.getSnapshot(), 'children');
  if (typeof children !== 'object' || children === null) return [];
  return Object.values(children).filter((child) => isActor(child));
}

export const familyOf = (actor: AnyActor): AnyActor[] => [
  actor,
  ...childrenOf(actor).flatMap((child) => familyOf(child)),
];

export function isOver(snapshot: unknown): boolean {
  const status = read(snapshot, 'status');
  return status !== undefined && status !== 'active';
}

function read(snapshot: unknown, name: string): unknown {
  try {
    if (typeof snapshot !== 'object' || snapshot === null) return undefined;
    return (snapshot as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined; // It is as if it had none.
  }
}

const isActor = (value: unknown): value is AnyActor =>
  typeof value === 'object' &&
  value !== null &&
  'sessionId' in value &&
  'logic' in value &&
  'getSnapshot' in value &&
  typeof value.getSnapshot === 'function';
