/** A state of the whole system, as claims and reports see it. */
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import type { AnyActors, ModelActor } from './model-actor.ts';
import type { State } from './state.ts';

/** One actor: its machine's state, and those of its children that are run. */
export interface ActorState<Machine extends AnyStateMachine> extends State<Machine> {
  /**
   * It has crashed. The rest is then as at its start but `status`, which is `stopped`, and nothing
   * matches; so it is too of one that has not begun.
   */
  readonly isDown: boolean;
  /** By path: the child `a`, and its child `a/b`. */
  child(path: string): State<AnyStateMachine> | undefined;
}

export interface Envelope {
  readonly from: string;
  readonly to: string;
  readonly event: AnyEventObject;
}

/**
 * Read only; one that a claim is given changes under it once the claim has returned. One that a
 * report or a replay gives stays as it is.
 */
export interface SystemState<Actors extends AnyActors = AnyActors> {
  readonly actors: {
    readonly [Name in keyof Actors]: Actors[Name] extends ModelActor<infer Machine>
      ? ActorState<Machine>
      : never;
  };
  /** What is in flight, by receiver; in order where the network is. */
  readonly messages: readonly Envelope[];
}
