/** An actor of a model: a machine, unchanged, with the world that its effects stand in. */
import type {
  AnyActorRef,
  AnyEventObject,
  AnyStateMachine,
  ContextFrom,
  EventFrom,
  InputFrom,
} from 'xstate';
import type { Alternative } from '../../actors/alternatives.ts';

/** A message to a declared actor, by its name; it goes over the network. */
export interface Message<Event extends AnyEventObject = AnyEventObject> {
  readonly to: string;
  readonly event: Event;
}

/** What an effect was told. */
export interface Told<Context> {
  readonly context: Context;
  /** An action's parameters, or a child's input. */
  readonly params: unknown;
  /** Set where a child is told an event. */
  readonly received?: AnyEventObject;
}

/**
 * What an effect does: each message of the list is sent, in order, when it is performed; of the
 * alternatives one comes back to the machine, at any later time. The empty alternative `[]` is
 * that nothing comes.
 */
export type Outcome<Event extends AnyEventObject> = Message | Alternative<Event>;

/** A method by its form, so that one that is told its parameters more exactly is one too. */
type Answer<Machine extends AnyStateMachine> = {
  answer(told: Told<ContextFrom<Machine>>): readonly Outcome<EventFrom<Machine>>[];
}['answer'];

/** The world of one machine: the choices that its effects are, and what comes unasked. */
export interface ModelEnvironment<Machine extends AnyStateMachine = AnyStateMachine> {
  /** By action or actor. An invoked or spawned machine that is not named here is itself run. */
  readonly effects?: Readonly<Record<string, Answer<Machine>>>;
  /** By action: the effects whose answers, once it was performed, come no more. */
  readonly silences?: Readonly<Record<string, readonly string[]>>;
  /** What may come in every state, any number of times, and need never come. */
  readonly unasked?: readonly EventFrom<Machine>[];
}

/** The same, of whatever machine: those of `interplex/actors` among them. */
export interface AnyModelEnvironment {
  readonly effects?: Readonly<Record<string, (told: never) => readonly Outcome<AnyEventObject>[]>>;
  readonly silences?: Readonly<Record<string, readonly string[]>>;
  readonly unasked?: readonly AnyEventObject[];
}

/** Gives the reference of a declared actor, to be passed on in an input. */
export type ActorOf = (name: string) => AnyActorRef;

export interface ModelActorOptions<Machine extends AnyStateMachine> {
  readonly input?: InputFrom<Machine> | ((actorOf: ActorOf) => InputFrom<Machine>);
  readonly environment?: ModelEnvironment<Machine>;
  /** The environments of machines that it invokes or spawns, by the name of their logic. */
  readonly children?: Readonly<Record<string, AnyModelEnvironment>>;
  /** Who gets, over the network, what it sends to its parent. */
  readonly parent?: string;
  /**
   * The actor is not there until a message of this type comes to it, and after its end it begins
   * anew at the next: as one that is started for each request. The message itself it does not see.
   */
  readonly beginsAt?: string;
}

/** One actor of a model. Its children live with it: what passes between them cannot be lost. */
export interface ModelActor<Machine extends AnyStateMachine = AnyStateMachine> {
  readonly machine: Machine;
  readonly input?: unknown;
  readonly environment?: AnyModelEnvironment;
  readonly children?: Readonly<Record<string, AnyModelEnvironment>>;
  readonly parent?: string;
  readonly beginsAt?: string;
}

/** An actor of a model; its effects and its input are typed by its machine. */
export const actor = <Machine extends AnyStateMachine>(
  machine: Machine,
  options: ModelActorOptions<Machine> = {},
): ModelActor<Machine> => ({ machine, ...(options as Omit<ModelActor, 'machine'>) });

export type AnyActors = Readonly<Record<string, ModelActor>>;
