/** How a running actor differs from the local state that the checker has of it. */
import type { Outstanding } from './answers.ts';
import type { Local } from './family.ts';
import { fingerprintOf } from './fingerprint.ts';
import { withoutContext } from './held-clock.ts';
import { outstandingOf } from './running-actor.ts';
import type { RunningActor } from './running-actor.ts';
import type { Own } from './state.ts';

/** Undefined where nothing differs; of an actor that is not there, nothing is. */
export function differenceOf(
  running: RunningActor | undefined,
  { members, pending }: Local,
): string | undefined {
  const paths = [listOf(running?.paths ?? []), listOf(Array.from(members.keys()))] as const;
  if (running === undefined || paths[0] !== paths[1]) {
    return paths[0] === paths[1] ? undefined : told('who runs is', paths);
  }
  for (const [path, { own }] of members) {
    const found = running.found(path)!;
    const awaited = pending.filter((answer) => answer.path === path).map(outstandingOf);
    const parts = [partsOf(found.own, found.pending), partsOf(own, awaited)] as const;
    for (const [noun, part] of parts[0]) {
      const texts = [part, parts[1].get(noun)!] as const;
      if (texts[0] !== texts[1]) return told(path === '' ? noun : `${path}: ${noun}`, texts);
    }
  }
  return undefined;
}

const told = (noun: string, [found, expected]: readonly [string, string]) =>
  `${noun} ${found}, by the checker ${expected}`;

/** By path; the actor's own is empty. */
const listOf = (names: readonly string[]) => {
  const texts = names.map((name) => name || 'itself').toSorted();
  return `[${texts.join(', ')}]`;
};

/** By the noun by which each is told; what went wrong is told first. */
function partsOf(own: Own, pending: readonly Outstanding[]): Map<string, string> {
  const [value, context, status, output, error, history, children] = own.parts;
  const nouns = { error, status, state: value, context, output, history };
  const timers = Array.from(own.timers, ([id, event]) => [id, withoutContext(event)] as const);
  const parts = Object.entries(nouns).map(([noun, part]) => [`the ${noun} is`, part] as const);
  return new Map([
    ...parts.map(([noun, part]) => [noun, fingerprintOf(part)] as const),
    ['the children are', fingerprintOf(children)],
    ['the timers are', listOf(timers.map((timer) => fingerprintOf(timer)))],
    ['the answers to come are', listOf(pending.map((answer) => fingerprintOf(answer)))],
  ]);
}
