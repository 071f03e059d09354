/**
 * Goal: a key prefers the same targets in the same order everywhere, keys are spread evenly, and
 * when a target goes only its own keys move.
 * Method: many keys over a few targets, counted.
 */
import { rendezvous, type Target } from 'interplex';
import { expect, test } from 'vitest';
import type { ApplicationName, NodeId, VipaName } from '#actors/vocabulary';

const targetAt = (node: string): Target => ({
  node: node as NodeId,
  application: 'room' as ApplicationName,
  vipa: 'chat' as VipaName,
});
const targets = ['a', 'b', 'c', 'd'].map(targetAt);
const keys = Array.from({ length: 4_000 }, (_, number) => `room ${number}`);
const firstOf = (list: readonly Target[], key: string) => rendezvous(list, key)[0]?.node ?? '';

test('the order depends on the key and the targets, not on how they are listed', () => {
  for (const key of keys.slice(0, 100)) {
    expect(rendezvous(targets.toReversed(), key)).toEqual(rendezvous(targets, key));
  }
});

test('every target is in the order once', () => {
  expect(rendezvous(targets, 'key').toSorted((a, b) => (a.node < b.node ? -1 : 1))).toEqual(
    targets,
  );
  expect(rendezvous([], 'key')).toEqual([]);
});

test('keys are spread evenly', () => {
  const counts = targets.map(({ node }) => keys.filter((key) => firstOf(targets, key) === node));
  // 1,000 each; five standard deviations of a fair draw are 137.
  for (const { length } of counts) expect(Math.abs(length - 1_000)).toBeLessThan(137);
});

test('when a target goes, only its keys move, to the next in their order', () => {
  const left = targets.filter(({ node }) => node !== 'b');
  for (const key of keys) {
    const [first, second] = rendezvous(targets, key);
    const expected = first?.node === 'b' ? second : first;
    expect(firstOf(left, key)).toBe(expected?.node);
  }
});
