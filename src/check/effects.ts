/** What a step would do to the world, in the order in which XState does it. */
import type { AnyActorLogic, AnyEventObject } from 'xstate';

/** What a step would do to the world; an undelayed `raise` is none, being done within the step. */
export type Effect =
  | {
      readonly type: 'action';
      readonly name: string;
      readonly params: unknown;
      /** As it was when the action's turn came. */
      readonly context: unknown;
    }
  | {
      readonly type: 'spawn';
      readonly child: string;
      readonly source: string;
      readonly input: unknown;
      readonly context: unknown;
      readonly logic: AnyActorLogic;
    }
  | { readonly type: 'stop'; readonly child: string }
  | {
      readonly type: 'arm';
      readonly timer: string;
      readonly event: AnyEventObject;
      /** It has no delay: what the machine sends to itself comes as soon as the step has ended. */
      readonly isDue?: true;
    }
  | { readonly type: 'disarm'; readonly timer: string }
  | {
      readonly type: 'send';
      /** A child's id, or `parent`; anything else is the id of the actor referred to. */
      readonly to: string;
      /** Whether `to` is, or was, a child. */
      readonly toChild: boolean;
      readonly event: AnyEventObject;
      readonly context: unknown;
      /** Set where it is sent later, under this timer. */
      readonly timer?: string;
    }
  | { readonly type: 'emit'; readonly event: AnyEventObject };

/**
 * The machine's own actions within the step, each in its turn; what is sent, spawned, stopped,
 * armed and disarmed when the step is done.
 */
export const inOrder = (effects: readonly Effect[]): readonly Effect[] => {
  const isAction = ({ type }: Effect) => type === 'action';
  return [...effects.filter(isAction), ...effects.filter((effect) => !isAction(effect))];
};

/** Each of `others` before the effect of its place, or after the last. */
export const inserted = (
  effects: readonly Effect[],
  others: readonly Effect[],
  places: readonly number[],
): Effect[] =>
  [...effects, undefined].flatMap((effect, place) => [
    ...others.filter((_, index) => (places[index] ?? 0) === place),
    ...(effect ? [effect] : []),
  ]);
