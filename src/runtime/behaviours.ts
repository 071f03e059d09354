/** What can be an actor: XState logic, a plain function, or anything with `send`. */
import { createActor, type AnyActor, type AnyActorLogic, type EventObject } from 'xstate';
import type { Behaviour } from './actor-host.ts';
import type { ActorReference, Asked } from './actor-reference.ts';
import type { NodeActors } from './node-actors.ts';

/** Whatever takes events: an XState actor, or a foreign one. */
export interface EventReceiver {
  send(event: EventObject): void;
}

/** What a function is given beside each event. */
export interface ActorContext<Input = unknown> {
  readonly self: ActorReference;
  readonly actors: NodeActors;
  readonly input: Input;
}

/**
 * A plain function as an actor: called for one event at a time, the next when its promise has
 * settled. An event that it returns is the answer to what it was asked; what it throws is a crash.
 */
export type ActorFunction<Input = unknown> = (
  event: Asked & Readonly<Record<string, unknown>>,
  context: ActorContext<Input>,
) => unknown;

/** How an actor came to an end by itself. */
export interface BehaviourEnds {
  readonly onDone: () => void;
  readonly onCrash: (error: unknown) => void;
}

export interface LogicOptions {
  readonly id: string;
  readonly input: unknown;
  readonly onRoot: RootListener;
}

/** Told of an actor without a parent before it starts; returns what to call when it is over. */
export type RootListener = (actor: AnyActor) => () => void;

/** Whether a value is XState logic: a machine, or what `fromPromise` and its kin make. */
export const isLogic = (value: unknown): value is AnyActorLogic =>
  typeof value === 'object' &&
  value !== null &&
  'transition' in value &&
  'getInitialSnapshot' in value;

/** An actor of XState, started by `start`: it may end while it starts. */
export function logicBehaviour(
  logic: AnyActorLogic,
  { id, input, onRoot }: LogicOptions,
  { onDone, onCrash }: BehaviourEnds,
): Behaviour & { start(): void } {
  const actor = createActor(logic, { id, input });
  const over = onRoot(actor);
  const subscription = actor.subscribe({
    complete: () => {
      over();
      onDone();
    },
    error: (error) => {
      over();
      onCrash(error);
    },
  });
  return {
    isSerial: false,
    start: () => actor.start(),
    receive: (event) => actor.send(event),
    stop: () => {
      subscription.unsubscribe();
      actor.stop();
      over();
    },
  };
}

export const functionBehaviour = (code: ActorFunction, context: ActorContext): Behaviour => ({
  isSerial: true,
  receive: (event) => code(event, context),
  stop: () => undefined,
});

export const receiverBehaviour = (receiver: EventReceiver): Behaviour => ({
  isSerial: false,
  receive: (event) => receiver.send(event),
  stop: () => undefined,
});
