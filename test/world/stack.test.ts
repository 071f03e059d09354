/**
 * Goal: a stack keeps its promises with a peer and at moments that no cluster of threads can be
 * brought to for certain: custody is full, the peer dies between two of its words.
 * Method: see `lone-stack`: the stack, its memory and its sockets are real, its peer is the test.
 */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { closeDescriptor } from '#internal/io/descriptors';
import { LoneStack } from '../support/lone-stack.ts';
import { until } from '../support/until.ts';

test('CT-7 a client whose second commit finds no place stays whole', async () => {
  const lone = new LoneStack();
  const { id, client } = await lone.accept();
  lone.wishes(id, 2);
  const { transfer, attempt } = await lone.committed();
  const refusal = { code: 'IPX_TARGET_SILENT', reason: 'The place that was kept has expired.' };
  lone.peerSays({ type: 'transfer.reject', transfer, attempt, refusal });
  await lone.atApplication.next('target.wanted');
  while (lone.custody.offer(-1, 1) !== undefined); // Every place is taken now.
  lone.chooses(id);
  const offer = await lone.atPeer.next('transfer.offer');
  lone.peerSays({ ...offer, type: 'transfer.accept', carriers: ['descriptor'] });
  expect(await lone.outcome()).toMatchObject({ outcome: 'refused', code: 'IPX_CUSTODY_FULL' });
  client.write('still here');
  const held = lone.stack.clients.get(id);
  expect((await held?.read(10))?.toString()).toBe('still here');
});

test('CT-7 what a late answer to an earlier attempt says changes nothing', async () => {
  const lone = new LoneStack();
  const { id } = await lone.accept();
  lone.wishes(id, 2);
  const first = await lone.atPeer.next('transfer.offer');
  const refusal = { code: 'IPX_TARGET_REJECTED', reason: 'not now' };
  lone.peerSays({ ...first, type: 'transfer.reject', refusal });
  await lone.atApplication.next('target.wanted');
  lone.chooses(id);
  const second = await lone.atPeer.next('transfer.offer');
  lone.peerSays({ ...first, type: 'transfer.accept', carriers: ['descriptor'] });
  lone.peerSays({ ...first, type: 'transfer.confirm' });
  lone.peerSays({ ...second, type: 'transfer.reject', refusal });
  expect(await lone.outcome()).toMatchObject({ outcome: 'refused', attempts: [refusal, refusal] });
  expect(lone.stack.clients.size).toBe(1);
  expect(lone.custody.inUse).toBe(0); // No commit was made of them.
});

test('CT-10 a target that dies when it has taken a client, untold, leaves no row', async () => {
  const lone = new LoneStack();
  const { id, client } = await lone.accept();
  lone.wishes(id, 1);
  const { slot } = await lone.committed();
  const descriptor = lone.peerCustody.claim(slot) ?? -1;
  lone.peerCustody.adopt(slot);
  closeDescriptor(descriptor); // As the end of its thread does.
  await lone.losePeer();
  expect(await lone.outcome()).toMatchObject({ outcome: 'transferred', target: 'b' });
  client.resume();
  await once(client, 'end');
  expect(lone.routes.table.rows()).toEqual([]);
});

test('CT-7 a target that dies between its claim and its socket gives the client back', async () => {
  const lone = new LoneStack();
  const { id, client } = await lone.accept();
  lone.wishes(id, 1);
  const { slot } = await lone.committed();
  expect(lone.peerCustody.claim(slot)).toBeGreaterThan(0);
  await lone.losePeer();
  expect(await lone.outcome()).toMatchObject({ outcome: 'refused', code: 'IPX_TARGET_LOST' });
  client.write('still here');
  expect((await lone.stack.clients.get(id)?.read(10))?.toString()).toBe('still here');
  await until('custody is free', () => lone.custody.inUse === 0);
});

test('CT-7 a target that has claimed and is silent keeps the client', async () => {
  const lone = new LoneStack();
  const { id } = await lone.accept();
  lone.wishes(id, 2);
  const { slot } = await lone.committed();
  const descriptor = lone.peerCustody.claim(slot) ?? -1;
  expect(await lone.outcome()).toMatchObject({ outcome: 'transferred', target: 'b' });
  expect(lone.stack.clients.size).toBe(0);
  lone.peerCustody.adopt(slot);
  closeDescriptor(descriptor);
});
