/**
 * What a machine has set going and has not heard of yet. An effect that was performed may answer
 * once, at any later time or never, so its answers wait, whatever the machine does meanwhile.
 */
import type { AnyEventObject, AnyStateMachine, EventFrom } from 'xstate';
import type { Alternative } from '../../actors/alternatives.ts';
import { isUnprovided } from '../../actors/unprovided.ts';
import { InterplexError } from '../errors.ts';
import type { Effect } from './effects.ts';

/** What the world may do to a machine, as `Environment` says it more exactly for each of ours. */
export interface EnvironmentOf<Machine extends AnyStateMachine> {
  /** By action or actor: from what it was told, what it may answer. */
  readonly effects: Readonly<
    Record<string, (what: never) => readonly Alternative<EventFrom<Machine>>[]>
  >;
  /** By action: the effects whose answers, once it was performed, come no more. */
  readonly silences?: Readonly<Record<string, readonly string[]>>;
  /** What may come in every state. */
  readonly unasked: readonly EventFrom<Machine>[];
}

type AnyEnvironment = EnvironmentOf<AnyStateMachine>;

export interface Outstanding {
  readonly effect: string;
  /** Set where a child answers: when it stops, it answers no more. */
  readonly child?: string;
  /** One of these may come, its events in order. */
  readonly alternatives: readonly (readonly AnyEventObject[])[];
}

/** A child that lives: the name of its logic, and its input. */
export interface Child {
  readonly source: string;
  readonly input: unknown;
}
export type Children = ReadonlyMap<string, Child>;

/** What a step does to the list of outstanding answers. */
export type Change =
  | { readonly type: 'asked'; readonly outstanding: Outstanding }
  | { readonly type: 'silenced'; readonly effects: readonly string[] }
  | { readonly type: 'stopped'; readonly child: string };

/** Throws for each effect of the machine that the environment leaves out: it would pass unseen. */
export function requireComplete(machine: AnyStateMachine, { effects }: AnyEnvironment): void {
  const { actions, actors } = machine.implementations;
  const isMissing = ([name, implementation]: [string, unknown]) =>
    isUnprovided(implementation) && !Object.hasOwn(effects, name);
  const missing = [...Object.entries(actions), ...Object.entries(actors)].filter(isMissing);
  if (missing.length > 0) throw unanswered(machine, missing.map(([name]) => name).join('", "'));
}

const unanswered = (machine: AnyStateMachine, name: string) =>
  new InterplexError(
    'IPX_CHECK_ENVIRONMENT',
    `The environment of ${machine.id} does not say what "${name}" may answer: events, or [].`,
  );

/** Who lives after these effects. */
export function childrenAfter(
  machine: AnyStateMachine,
  before: Children,
  effects: readonly Effect[],
): Children {
  const children = new Map(before);
  for (const effect of effects) {
    if (effect.type === 'stop') children.delete(effect.child);
    if (effect.type !== 'spawn') continue;
    const { child, source, input } = effect;
    if (children.has(child)) throw orphaned(machine, child);
    children.set(child, { source, input });
  }
  return children;
}

const orphaned = (machine: AnyStateMachine, child: string) =>
  new InterplexError(
    'IPX_CHECK_STEP',
    `${machine.id} starts a child "${child}" while one lives: nobody can stop the first any more.`,
  );

/** What these effects set going and silence, in their order. */
export function changesBy(
  machine: AnyStateMachine,
  environment: AnyEnvironment,
  children: Children,
  effects: readonly Effect[],
): Change[] {
  const asked = (effect: string, what: object, child?: string): Change[] => {
    const answer = environment.effects[effect];
    if (answer === undefined) throw unanswered(machine, effect);
    const alternatives = answer(what as never).map(inOrder);
    if (alternatives.length === 0) return [];
    const outstanding = { effect, alternatives, ...(child === undefined ? {} : { child }) };
    return [{ type: 'asked', outstanding }];
  };
  return effects.flatMap((effect): Change[] => {
    switch (effect.type) {
      case 'action': {
        const silenced = environment.silences?.[effect.name] ?? [];
        return [{ type: 'silenced', effects: silenced }, ...asked(effect.name, effect)];
      }
      case 'spawn': {
        const { source, context, input: params, child } = effect;
        return asked(source, { context, params }, child);
      }
      case 'send': {
        const { to, context, event: received } = effect;
        const child = children.get(to);
        return child ? asked(child.source, { context, params: child.input, received }, to) : [];
      }
      case 'stop':
        return [{ type: 'stopped', child: effect.child }];
      default:
        return [];
    }
  });
}

const inOrder = (alternative: Alternative<AnyEventObject>): readonly AnyEventObject[] =>
  'type' in alternative ? [alternative] : alternative;

export function changed(
  outstanding: readonly Outstanding[],
  changes: readonly Change[],
): readonly Outstanding[] {
  return changes.reduce((before, change) => {
    switch (change.type) {
      case 'asked':
        return [...before, change.outstanding];
      case 'silenced':
        return before.filter(({ effect }) => !change.effects.includes(effect));
      case 'stopped':
        return before.filter(({ child }) => child !== change.child);
    }
  }, outstanding);
}

/** What is left of an answer when the first event of one alternative has come. */
export function restOf(answered: Outstanding, alternative: readonly AnyEventObject[]): Outstanding {
  const known = rests.get(alternative);
  if (known) return known;
  const rest = { ...answered, alternatives: [alternative.slice(1)] };
  rests.set(alternative, rest);
  return rest;
}
const rests = new WeakMap<readonly AnyEventObject[], Outstanding>();

/** The child whose end an event tells. */
export const endedBy = ({ type }: AnyEventObject): string | undefined =>
  /^xstate\.(?:done|error)\.actor\.(.+)$/.exec(type)?.[1];
