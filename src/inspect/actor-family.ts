/** What an actor has invoked and spawned, as its snapshot says. */
import type { AnyActor } from 'xstate';

export function childrenOf(actor: AnyActor): AnyActor[] {
  const snapshot: unknown = actor.getSnapshot();
  if (typeof snapshot !== 'object' || snapshot === null || !('children' in snapshot)) return [];
  return Object.values(snapshot.children as Record<string, AnyActor | undefined>).filter(
    (child) => child !== undefined,
  );
}

export const familyOf = (actor: AnyActor): AnyActor[] => [
  actor,
  ...childrenOf(actor).flatMap((child) => familyOf(child)),
];

export const isOver = (snapshot: unknown): boolean =>
  typeof snapshot === 'object' &&
  snapshot !== null &&
  'status' in snapshot &&
  snapshot.status !== 'active';
