/**
 * Goal: symmetry keeps one state of each kind, and a trace of it can be run (AF-8).
 * Method: the states without symmetry are put in classes here, by trying every exchange of names on
 * each; there must be as many classes as states with symmetry, whatever the network.
 */
import { checkModel, replay } from 'interplex/check';
import type { Network, SystemState } from 'interplex/check';
import { expect, test } from 'vitest';
import { violationOf } from './support/check-findings.ts';
import { twoPhaseCommit } from './support/models/two-phase-commit.ts';

type System = SystemState<ReturnType<typeof twoPhaseCommit>['actors']>;

/** All that a claim can see of a state, as text, with its actors in the order of their names. */
function textOf({ actors, messages }: System): string {
  const lines = Object.entries(actors).map(([name, one]) => {
    const { value, context, timers, outstanding, isDown } = one;
    const { participants: _, ...rest } = { participants: 0, ...context };
    return JSON.stringify([name, value, sorted(rest), timers, outstanding, isDown]);
  });
  const flights = new Map<string, string[]>();
  for (const { from, to, event } of messages) {
    const key = JSON.stringify([from, to]);
    flights.set(key, [...(flights.get(key) ?? []), JSON.stringify(event)]);
  }
  const queues = Array.from(flights, ([way, events]) => `${way} ${events.join(' ')}`);
  return [...lines, ...queues].toSorted().join('\n');
}
const sorted = (value: object): unknown =>
  Object.entries(value)
    .map(([key, part]: [string, unknown]) =>
      typeof part === 'object' && part !== null ? [key, sorted(part)] : [key, part],
    )
    .toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1));

const orders = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
];
/** The same text for all that differ by an exchange. */
function classOf(text: string): string {
  const texts = orders.map((order) => {
    const renamed = text.replaceAll(/participant-(\d)/g, (_, digit: string) => {
      return `participant-${order[Number(digit) - 1]}`;
    });
    return renamed.split('\n').map(inOrder).toSorted().join('\n');
  });
  return texts.toSorted()[0] ?? '';
}
/** Names are keys too: renamed, they may stand in another order. */
const inOrder = (line: string) =>
  line.replaceAll(/\[\["participant.*?\]\]/g, (list) =>
    JSON.stringify(
      (JSON.parse(list) as string[][]).toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
    ),
  );

test.each<Network>([
  { order: 'none', duplication: 'possible' },
  { order: 'none' },
  { order: 'none', loss: 'possible', ignored: 'taken' },
  { order: 'per-pair' },
  { order: 'per-pair', loss: 'possible', duplication: 'possible' },
])('AF-8 as many states as there are kinds, over %o', async (network) => {
  const { actors, names } = twoPhaseCommit(3);
  const texts = new Set<string>();
  const holds = (system: System) => {
    texts.add(textOf(system));
    return true;
  };
  const model = { actors, network, deadlock: 'fine' } as const;
  const full = await checkModel({ ...model, properties: [{ always: 'it is noted', holds }] });
  expect(full.states).toBe(texts.size);
  const kinds = new Set(Array.from(texts, (text) => classOf(text)));
  const folded = await checkModel({ ...model, properties: [], symmetry: [names] });
  expect(folded).toMatchObject({ outcome: 'passed', states: kinds.size, depth: full.depth });
  expect(kinds.size).toBeLessThan(texts.size / 2);
});

test('AF-8 a trace that was found by symmetry is one of the model', async () => {
  const { actors, names } = twoPhaseCommit(3);
  const model = {
    actors,
    network: { order: 'none' },
    properties: [
      {
        never: 'all commit',
        holds: (system: System) => names.every((name) => system.actors[name]!.matches('committed')),
      },
    ],
    deadlock: 'fine',
  } as const;
  const { trace } = await violationOf({ ...model, symmetry: [names] });
  expect(trace?.steps).toHaveLength(10);
  expect(replay(model, trace!).broken).toEqual(['all commit']);
});
