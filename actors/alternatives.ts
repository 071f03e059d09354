/**
 * What an environment is: for each effect of a machine the events that it may send back, and the
 * facts that come unasked. The checker makes its choices from these, and whoever provides an effect
 * keeps to them.
 */
import type {
  AnyStateMachine,
  ContextFrom,
  EventFrom,
  InputFrom,
  MachineImplementationsFrom,
} from 'xstate';
import type { NodeId, Refusal } from './vocabulary.ts';

type Implementations<Machine extends AnyStateMachine> = Required<
  MachineImplementationsFrom<Machine>
>;
type Actions<Machine extends AnyStateMachine> = Required<Implementations<Machine>['actions']>;
type Actors<Machine extends AnyStateMachine> = Required<Implementations<Machine>['actors']>;
type ParamsOf<Action> = Action extends (what: never, params: infer Params) => void ? Params : never;

/** The end of a child, as its parent is told of it. */
export type ChildEnd =
  | { readonly type: `xstate.done.actor.${string}`; readonly output?: unknown }
  | { readonly type: `xstate.error.actor.${string}`; readonly error?: unknown };

/** One answer of an effect: an event, or several that come in this order, each when it likes. */
export type Alternative<Event> = Event | ChildEnd | readonly (Event | ChildEnd)[];

/** From what an effect was told, what it may answer: one of these, at any later time, or never. */
type Answers<Machine extends AnyStateMachine, What> = (
  what: { readonly context: ContextFrom<Machine> } & What,
) => readonly Alternative<EventFrom<Machine>>[];

/**
 * The environment of one machine, complete by its type: `Inner` names the actions that the machine
 * performs on itself, and every other one, and every actor, must say what it may answer.
 */
export interface Environment<
  Machine extends AnyStateMachine,
  Inner extends keyof Actions<Machine> = never,
> {
  readonly effects: {
    readonly [Name in Exclude<keyof Actions<Machine>, Inner>]: Answers<
      Machine,
      { readonly params: ParamsOf<Actions<Machine>[Name]> }
    >;
  } & {
    /** An actor is asked when it starts, and again for each event that it receives. */
    readonly [Name in keyof Actors<Machine>]: Answers<
      Machine,
      {
        readonly params: InputFrom<Actors<Machine>[Name]>;
        readonly received?: EventFrom<Actors<Machine>[Name]>;
      }
    >;
  };
  /** By action, the effects that it ends: whatever of theirs is still to come never comes. */
  readonly silences?: Readonly<Record<string, readonly string[]>>;
  /** Facts and commands that may come in every state, any number of times. */
  readonly unasked: readonly EventFrom<Machine>[];
}

/** The answer of an effect of which nothing comes back. */
export const none = () => [];
/** Examples, which every environment may name. */
export const refusal: Refusal = { code: 'IPX_EXAMPLE', reason: 'for some reason' };
export const targets = ['hall-1', 'hall-2'] as NodeId[];
