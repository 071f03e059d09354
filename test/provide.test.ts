/**
 * Goal: AF-2: no machine starts while one of its effects is a placeholder, and each machine that
 * the product runs is complete.
 * Method: machines with one placeholder of each kind; then the product's own, as they are and with
 * effects for every name.
 */
import { fromCallback, fromPromise, setup } from 'xstate';
import { expect, test } from 'vitest';
import { incomingTransferMachine } from '#actors/transfer/incoming-transfer';
import { nodeMachine } from '#actors/node';
import { outgoingTransferMachine } from '#actors/transfer/outgoing-transfer';
import { routingApplicationMachine } from '#actors/transfer/routing-application';
import { stackMachine } from '#actors/transfer/stack';
import { targetApplicationMachine } from '#actors/transfer/target-application';
import { unprovided, unprovidedActor } from '#actors/unprovided';
import { complete } from '#internal/cluster/provide';
import { matching } from './support/matching.ts';

const machine = setup({
  actions: { ring: unprovided('ring'), wave: () => undefined },
  actors: {
    watch: fromCallback(unprovidedActor('watch')),
    fetch: fromPromise<void>(unprovidedActor('fetch')),
  },
}).createMachine({ id: 'bell' });
const sound = {
  actions: { ring: () => undefined },
  actors: {
    watch: fromCallback(() => undefined),
    fetch: fromPromise<void>(() => Promise.resolve()),
  },
};

test.each<[string, Parameters<typeof machine.provide>[0], RegExp]>([
  ['an action', { actors: sound.actors }, /"bell" lacks the effects ring:/],
  ['actors', { actions: sound.actions }, /"bell" lacks the effects watch, fetch:/],
  ['all', {}, /"bell" lacks the effects ring, watch, fetch: provide each/],
])('AF-2 a machine without %s is refused, and they are named', (_what, provided, sentence) => {
  expect(() => complete(machine.provide(provided))).toThrow(
    expect.objectContaining({
      code: 'IPX_EFFECT_UNPROVIDED',
      message: matching(sentence),
    }),
  );
});

test('AF-2 a machine with all its effects is what it was', () => {
  const provided = machine.provide(sound);
  expect(complete(provided)).toBe(provided);
});

test.each([
  incomingTransferMachine,
  outgoingTransferMachine,
  routingApplicationMachine,
  stackMachine,
  targetApplicationMachine,
])('AF-2 $id does not start as it is drawn', (drawn) => {
  expect(() => complete(drawn)).toThrow(/IPX_EFFECT_UNPROVIDED|lacks the effects/);
});

test('AF-2 a node has no effect of its own: it is made of its machines', () => {
  expect(complete(nodeMachine)).toBe(nodeMachine);
});
