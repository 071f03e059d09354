/** Who lives below a running actor: machines by their paths, as in the checker, and others. */
import { StateMachine } from 'xstate';
import type { AnyActorRef, Snapshot } from 'xstate';
import type { Child } from './answers.ts';

/** The paths of those who run from here: its own, and those of children that are machines. */
export function pathsFrom(actor: AnyActorRef, path = ''): string[] {
  const below = childrenOf(actor).filter(([, child]) => isMachine(child));
  const of = (id: string) => (path === '' ? id : `${path}/${id}`);
  return [path, ...below.flatMap(([id, child]) => pathsFrom(child, of(id)))];
}

/** Undefined where no machine lives at that path. */
export function memberAt(root: AnyActorRef, path: string): AnyActorRef | undefined {
  if (path === '') return root;
  const step = (actor: AnyActorRef | undefined, id: string) =>
    actor && childrenOf(actor).find(([other, child]) => other === id && isMachine(child))?.[1];
  return path.split('/').reduce<AnyActorRef | undefined>(step, root);
}

/** Those that live, by id. */
export function childrenOf(actor: AnyActorRef): [string, AnyActorRef][] {
  const { children } = actor.getSnapshot() as { children?: Record<string, AnyActorRef> };
  return Object.entries(children ?? {}).filter(([, child]) => child && isAlive(child));
}

export const isAlive = (actor: AnyActorRef) =>
  (actor.getSnapshot() as Snapshot<unknown>).status === 'active';
const isMachine = (actor: AnyActorRef) =>
  (actor as { logic?: unknown }).logic instanceof StateMachine;

/** As the checker has it: by the name of its logic, and its input. */
export function asChild(actor: AnyActorRef): Child {
  const { src, options } = actor as { src?: unknown; options?: { input?: unknown } };
  return { source: typeof src === 'string' ? src : actor.id, input: options?.input };
}
