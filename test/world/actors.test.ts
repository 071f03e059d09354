/**
 * Goal: AF-4: an actor of one thread is found by its name and sent to from any other, and one that
 * has ended, or whose node has, is not found any more.
 * Method: clients at three nodes register, find and send (see `named-actors`); an actor writes what
 * it gets to its client.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';
import { matching } from '../support/matching.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start();
});
afterEach(() => bed.settle());
afterAll(() => bed.stop());

interface Found {
  readonly address: string | null;
}
const find = async (client: TestClient, name: string) =>
  (await client.ask<Found>({ do: 'find', name })).address;
/** A name is told to the other nodes by message, which no event shows. */
const found = (client: TestClient, name: string, isThere: boolean) =>
  until(`"${name}" is ${isThere ? '' : 'not '}found`, async () => {
    return ((await find(client, name)) !== null) === isThere;
  });

test('AF-4 an actor is found by name at every node, under its address', async () => {
  const atHall = await bed.connectTo('hall-1');
  const { address } = await atHall.ask<Found>({ do: 'register', name: 'desk/clerk' });
  expect(address).toMatch(/^hall-1\/desk\/clerk#\d+$/);
  for (const client of [await bed.connect(), await bed.connectTo('hall-2'), atHall]) {
    await found(client, 'desk/clerk', true);
    expect(await find(client, 'desk/clerk')).toBe(address);
  }
  await atHall.ask({ do: 'unregister', name: 'desk/clerk' });
});

test('AF-4 events reach it from its own thread and from others, whole and in order', async () => {
  const atHall = await bed.connectTo('hall-1');
  await atHall.ask({ do: 'register', name: 'clerk' });
  const elsewhere = await bed.connectTo('hall-2');
  await found(elsewhere, 'clerk', true);
  const events = Array.from({ length: 50 }, (_, number) => ({ type: 'note', number, deep: [{}] }));
  for (const event of events) elsewhere.tell({ do: 'send', name: 'clerk', event });
  for (const event of events) expect(await atHall.answer()).toEqual(event);
  atHall.tell({ do: 'send', name: 'clerk', event: { type: 'own' } });
  expect(await atHall.answer()).toEqual({ undelivered: 0 });
  expect(await atHall.answer()).toEqual({ type: 'own' }); // In its turn, as from elsewhere.
  await atHall.ask({ do: 'unregister', name: 'clerk' });
});

test('AF-4 one that has ended is not found, and its name is free', async () => {
  const atHall = await bed.connectTo('hall-1');
  const elsewhere = await bed.connect();
  const first = await atHall.ask<Found>({ do: 'register', name: 'clerk' });
  await found(elsewhere, 'clerk', true);
  await atHall.ask({ do: 'unregister', name: 'clerk' });
  await found(elsewhere, 'clerk', false);
  const second = await atHall.ask<Found>({ do: 'register', name: 'clerk' });
  expect(second.address).not.toBe(first.address); // Another incarnation.
  await atHall.ask({ do: 'unregister', name: 'clerk' });
});

test('AF-4 the actors of a dead node are not found, nor their addresses given again', async () => {
  const elsewhere = await bed.connect();
  const registered = async () => {
    const client = await bed.connectTo('hall-2'); // Nothing else is registered there.
    return client.ask<Found>({ do: 'register', name: 'clerk' });
  };
  const first = await registered();
  await found(elsewhere, 'clerk', true);
  await bed.cluster.kill('hall-2');
  expect(await find(elsewhere, 'clerk')).toBeNull();
  await bed.cluster.restart('hall-2');
  expect((await registered()).address).not.toBe(first.address);
});

test.each([
  ['no name at all', 'IPX_ADDRESS_INVALID'],
  ['', 'IPX_ADDRESS_INVALID'],
  ['a//b', 'IPX_ADDRESS_INVALID'],
])('AF-9 "%s" is refused as a name by %s', async (name, code) => {
  const client = await bed.connect();
  expect(await client.ask({ do: 'register', name })).toMatchObject({ code });
});

test('AF-9 a name is one actor of a node at a time', async () => {
  const client = await bed.connect();
  await client.ask({ do: 'register', name: 'clerk' });
  expect(await client.ask({ do: 'register', name: 'clerk' })).toMatchObject({
    code: 'IPX_NAME_TAKEN',
    reason: matching(/end it first/),
  });
  await client.ask({ do: 'unregister', name: 'clerk' });
});
