/**
 * Goal: CT-4, CT-13: an application knows the targets that listen on its VIPA, as a list and by an
 * event whenever that changes, also when a node dies without a word.
 * Method: one client has the routing application list and watch while nodes are killed, restarted
 * and stopped.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Target } from 'interplex';
import type { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start();
});
afterAll(() => bed.stop());

const nodesOf = (targets: readonly Target[]) => targets.map(({ node }) => node);
const listed = async (client: TestClient) => nodesOf(await client.ask<Target[]>({ do: 'targets' }));

test('CT-4 the targets are listed by application, in the order of their nodes', async () => {
  const client = await bed.connect();
  const target = { application: 'room', vipa: 'chat' };
  expect(await client.ask({ do: 'targets' })).toEqual([
    { node: 'hall-1', ...target },
    { node: 'hall-2', ...target },
  ]);
});

test('CT-4 a target sees the same list', async () => {
  const client = await bed.connectTo('hall-2');
  expect(await listed(client)).toEqual(['hall-1', 'hall-2']);
});

test('CT-4 CT-13 a killed node leaves the list, a restarted one is back, by events', async () => {
  const client = await bed.connect();
  await client.ask({ do: 'watch' });
  await bed.cluster.kill('hall-1');
  expect(nodesOf(await client.answer())).toEqual(['hall-2']);
  expect(await listed(client)).toEqual(['hall-2']);
  client.tell({ do: 'transfer' }, { do: 'who' });
  expect(await client.answer()).toMatchObject({ node: 'hall-2' });
  const next = await bed.connect();
  await next.ask({ do: 'watch' });
  await bed.cluster.restart('hall-1');
  expect(nodesOf(await next.answer())).toEqual(['hall-1', 'hall-2']);
  expect(await listed(next)).toEqual(['hall-1', 'hall-2']);
});

test('CT-13 a restarted routing node knows at once who listens', async () => {
  await bed.cluster.kill('edge');
  await bed.cluster.restart('edge');
  expect(await listed(await bed.connect())).toEqual(['hall-1', 'hall-2']);
});
