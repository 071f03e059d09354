/**
 * Goal: an effect that nobody provided cannot pass: it throws, naming itself (AF-2).
 * Method: call the placeholders as XState does, alone and in machines that run.
 */
import { isUnprovided, unprovided, unprovidedActor } from 'interplex/actors';
import { expect, test } from 'vitest';
import { createActor, fromCallback, fromPromise, setup, waitFor } from 'xstate';

const sentence = (name: string) =>
  `The effect "${name}" is not provided: give it with machine.provide().`;

test('AF-2 an action that is not provided throws, naming itself', () => {
  expect(() => unprovided('sendOffer')({}, undefined)).toThrow(sentence('sendOffer'));
});

test('AF-2 a machine that comes to it ends with this error', async () => {
  const machine = setup({ actions: { ring: unprovided('ring') } }).createMachine({
    on: { go: { actions: 'ring' } },
  });
  const actor = createActor(machine).start();
  const ended = waitFor(actor, ({ status }) => status === 'error').catch((error: unknown) => error);
  actor.send({ type: 'go' });
  expect(await ended).toEqual(new Error(sentence('ring')));
});

test.each([
  ['callback', fromCallback(unprovidedActor('listener'))],
  ['promise', fromPromise(unprovidedActor('listener'))],
])('AF-2 an actor that is not provided throws too: %s', async (_, listener) => {
  const machine = setup({ actors: { listener } }).createMachine({
    invoke: { src: 'listener', onError: { actions: ({ event }) => errors.push(event.error) } },
  });
  const errors: unknown[] = [];
  createActor(machine).start();
  await expect.poll(() => errors).toEqual([new Error(sentence('listener'))]);
});

test('AF-2 a placeholder is told from what replaces it', () => {
  const given = () => {};
  const placeholders = [unprovided('a'), unprovidedActor('b'), fromCallback(unprovidedActor('c'))];
  expect(placeholders.map((placeholder) => isUnprovided(placeholder))).toEqual([true, true, true]);
  const others = [given, fromCallback(given), fromPromise(async () => {}), undefined, null, 'a'];
  expect(others.some((other) => isUnprovided(other))).toBe(false);
});

test('AF-2 a machine shows which of its effects are left to provide', () => {
  const machine = setup({
    actions: { ring: unprovided('ring'), note: () => {} },
    actors: { listener: fromCallback(unprovidedActor('listener')) },
  }).createMachine({});
  const left = ({ implementations: { actions, actors } }: typeof machine) =>
    Object.entries({ ...actions, ...actors }).flatMap(([name, one]) =>
      isUnprovided(one) ? [name] : [],
    );
  expect(left(machine)).toEqual(['ring', 'listener']);
  expect(left(machine.provide({ actions: { ring: () => {} } }))).toEqual(['listener']);
});
