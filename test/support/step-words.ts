/** The words in which claims about one machine speak of a step, or of a state. */
import { isDeepStrictEqual } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import type { Effect, Exploration } from 'interplex/check';

export interface Happening {
  readonly event: { readonly type: string };
}

interface Doing {
  readonly effects: readonly Effect[];
}

interface Being {
  readonly value: unknown;
}

interface Moving {
  readonly state: Being;
  readonly nextState: Being;
}

/** Whether the step is of one of these events. */
export const comes =
  (...types: string[]) =>
  ({ event }: Happening): boolean =>
    types.includes(event.type);

/** Whether a timer has fired: of this name, or any. */
export const isTimer = ({ event }: Happening, name = ''): boolean =>
  event.type.startsWith(`xstate.after.${name}`);

/** Whether one of these places, at whatever depth, is active. */
export const isIn =
  (...places: string[]) =>
  ({ value }: Being): boolean =>
    placesOf(value).some((place) => places.includes(place));

const placesOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([place, inner]) => [place, ...placesOf(inner)])
    : [String(value)];

export const enters =
  (...places: string[]) =>
  ({ state, nextState }: Moving): boolean =>
    !isIn(...places)(state) && isIn(...places)(nextState);

export const isDone = ({ status }: { readonly status: string }): boolean => status === 'done';

/** The names of the actions that a step, or a start, performs, in order. */
export const performed = ({ effects }: Doing): string[] =>
  effects.flatMap((effect) => (effect.type === 'action' ? [effect.name] : []));

export const does =
  (action: string) =>
  (step: Doing): boolean =>
    performed(step).includes(action);

/** What a step tells an action that it performs. */
export const told = ({ effects }: Doing, name: string): unknown =>
  effects.flatMap((effect) =>
    effect.type === 'action' && effect.name === name ? [effect.params] : [],
  )[0];

/** The events that a step, or a start, sends to its parent or to a child. */
export const sent = ({ effects }: Doing, to: string) =>
  effects.flatMap((effect) => (effect.type === 'send' && effect.to === to ? [effect.event] : []));

/** Whether a step tells the parent this and nothing else. */
export const tells = (step: Doing, event: object): boolean =>
  isDeepStrictEqual(sent(step, 'parent'), [event]);

/** How large a walk is; pinned, so that a space that changes is noticed and reviewed. */
export const sizeOf = ({ states, steps, depth }: Exploration<AnyStateMachine>) => ({
  states: states.length,
  stirring: steps.filter(({ stirs }) => stirs).length,
  depth,
});
