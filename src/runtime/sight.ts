/**
 * Who sees the machines of a part of a node (AF-7). Whoever runs machines tells of them here; that
 * costs a call a step, and nothing more while nobody watches.
 */
import type { AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { limits } from '../limits.ts';
import type { RootListener } from './behaviours.ts';
import type { StepListener, TakenStep } from './stepped-actor.ts';

/** A stepped actor as it is now, by its name. */
export interface SteppedMember {
  readonly name: string;
  readonly actor: {
    readonly snapshot: AnyMachineSnapshot | undefined;
    send(event: AnyEventObject): void;
  };
}

export interface Sight {
  /** Of each actor without a parent, before it is started. */
  readonly onRoot: RootListener;
  /** Who is told of a step that was taken now; `undefined` while nobody is. */
  readonly stepListener: () => StepListener | undefined;
  /** How stepped actors are found that began before anybody watched. */
  readonly onStepped: (members: () => Iterable<SteppedMember>) => void;
}

/** Where machines run that nobody ever looks at: a tool's, or a test's. */
export const unseen: Sight = {
  onRoot: () => () => undefined,
  stepListener: () => undefined,
  onStepped: () => undefined,
};

/** For the option of a stepped actor. Its name is asked for only where somebody watches. */
export const seenAs =
  ({ stepListener }: Pick<Sight, 'stepListener'>, name: () => string) =>
  (step: TakenStep): void =>
    stepListener()?.(name(), step);

/**
 * Of actors that come and go in milliseconds those that have stayed: a list of the others is of no
 * use to anybody by the time that it is read.
 */
export function* lasting(
  members: Iterable<SteppedMember & { readonly begunAtMs: number }>,
): Iterable<SteppedMember> {
  const beforeMs = performance.now() - limits.inspectBriefMs;
  for (const member of members) if (member.begunAtMs < beforeMs) yield member;
}

const sights = new WeakMap<object, Sight>();

/** Notes who sees a node, by the node as applications hold it. */
export const noteSight = (node: object, sight: Sight): void => void sights.set(node, sight);

/** Who sees what is run for a node; it may be any object that has its methods. */
export const sightOfNode = (node: object): Sight => sights.get(node) ?? unseen;
