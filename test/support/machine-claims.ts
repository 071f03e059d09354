/**
 * Claims about one machine: each is a test over every reachable state, and each mutant of the
 * machine must break at least one of them.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import type { Exploration, State, Step } from 'interplex/check';
import { mutantsOf, unmutated } from './mutants.ts';

/** What breaks a claim: a way to it, or what was found instead; nothing where it is kept. */
type Breach = unknown;

/** Of a machine with so many mutants every third is tried, and all where all are asked for. */
const many = 60;
const isAll = process.env['INTERPLEX_CHECK'] === 'all';

export interface Claims<Machine extends AnyStateMachine> {
  /** An implication over all steps. */
  readonly whenever: (
    title: string,
    when: (step: Step<Machine>) => boolean,
    then: (step: Step<Machine>) => boolean,
  ) => void;
  /** An implication over all states. */
  readonly throughout: (
    title: string,
    when: (state: State<Machine>) => boolean,
    then: (state: State<Machine>) => boolean,
  ) => void;
  /** Anything else that is asked of the whole walk. */
  readonly claim: (title: string, breachOf: (walk: Exploration<Machine>) => Breach) => void;
  /**
   * Registers the tests; mutants that change nothing anyone can see are named, and say why.
   * `others` are mutants of what the configuration only names, by their names.
   */
  readonly prove: (
    equivalents?: Readonly<Record<string, string>>,
    others?: readonly (readonly [name: string, mutant: Machine])[],
  ) => void;
}

const vacuous = 'vacuous: the premise never holds'; // A claim about nothing proves nothing.

export function claimsOn<Machine extends AnyStateMachine>(
  machine: Machine,
  walkOf: (machine: Machine) => Exploration<Machine>,
): Claims<Machine> {
  const claims: [title: string, breachOf: (walk: Exploration<Machine>) => Breach][] = [];
  const claim: Claims<Machine>['claim'] = (title, breachOf) => void claims.push([title, breachOf]);
  const isBroken = (mutant: Machine) => {
    const walk = walkOrNothing(() => walkOf(mutant));
    return !walk || claims.some(([, breachOf]) => breachOf(walk) !== undefined);
  };
  return {
    claim,
    whenever: (title, when, then) =>
      claim(title, (walk) => {
        const witnesses = walk.steps.filter(when);
        const breach = witnesses.find((step) => !then(step));
        return witnesses.length === 0 ? vacuous : breach && [...wayTo(walk, breach.state), breach];
      }),
    throughout: (title, when, then) =>
      claim(title, (walk) => {
        const witnesses = walk.states.filter(when);
        const breach = witnesses.find((state) => !then(state));
        return witnesses.length === 0 ? vacuous : breach && [...wayTo(walk, breach), breach];
      }),
    prove: (equivalents = {}, others = []) => {
      const walk = walkOf(machine);
      const mutants = mutantsOf(machine).map(
        ({ name, machine: mutant }) => [name, mutant] as const,
      );
      test.each(claims)('%s', (_, breachOf) => expect(breachOf(walk)).toBeUndefined());
      const tried = mutants.filter((_, index) => isAll || mutants.length < many || index % 3 === 0);
      test.each([...tried, ...others])('mutant: %s', (name, mutant) =>
        expect(isBroken(mutant)).toBe(equivalents[name] === undefined),
      );
      test('the machine made again without a change breaks no claim', () =>
        expect(isBroken(unmutated(machine))).toBe(false));
      test('each mutant said to be equivalent is one', () => {
        const names = mutants.map(([name]) => name);
        expect(names).toEqual(expect.arrayContaining(Object.keys(equivalents)));
      });
    },
  };
}

/** Of a mutant, a walk without end and a step that throws are breaches like others. */
function walkOrNothing<Walk>(walk: () => Walk): Walk | undefined {
  try {
    return walk();
  } catch {
    return undefined;
  }
}

const wayTo = <Machine extends AnyStateMachine>(walk: Exploration<Machine>, to: State<Machine>) =>
  walk.pathTo(to).map(({ nextState: { value }, event }) => ({ event, to: value }));

/** Walks from several starts as one: what none of them saw is unseen. */
export function joined<Machine extends AnyStateMachine>(
  first: Exploration<Machine>,
  ...others: readonly Exploration<Machine>[]
): Exploration<Machine> {
  const walks = [first, ...others];
  const unseen = (kind: 'unentered' | 'untaken') =>
    first.coverage[kind].filter((name) =>
      others.every(({ coverage }) => coverage[kind].includes(name)),
    );
  return {
    start: { ...first.start, effects: walks.flatMap(({ start }) => start.effects) },
    states: walks.flatMap(({ states }) => states),
    steps: walks.flatMap(({ steps }) => steps),
    depth: Math.max(...walks.map(({ depth }) => depth)),
    coverage: { unentered: unseen('unentered'), untaken: unseen('untaken') },
    pathTo: (state) => (walks.find(({ states }) => states.includes(state)) ?? first).pathTo(state),
  };
}

/** For a claim that something is exactly so. */
export const unlike = (actual: unknown, expected: unknown): Breach =>
  isDeepStrictEqual(actual, expected) ? undefined : { actual, expected };
