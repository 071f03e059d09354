/**
 * Goal: a stack keeps its promises with a peer and at moments that no cluster of threads can be
 * brought to for certain: custody is full, the peer dies between two of its words.
 * Method: see `lone-stack`: the stack, its memory and its sockets are real, its peer is the test.
 */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Client } from 'interplex';
import { closeDescriptor } from '#internal/io/descriptors';
import { LoneStack } from '../support/lone-stack.ts';
import { socketPair } from '../support/socket-pair.ts';
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

const ends = [
  ['Client.end', (held: Client, words: string) => held.end(words)],
  ['socket.end', (held: Client, words: string) => void held.socket.end(words)],
] as const;

/** A client whose commit is out, to whom its application has said goodbye since. */
async function dismissed(end: (typeof ends)[number][1]) {
  const lone = new LoneStack();
  const { id, client } = await lone.accept();
  const heard: string[] = [];
  client.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  lone.wishes(id, 1);
  const commit = await lone.committed();
  const held = lone.stack.clients.get(id);
  held?.write('good');
  if (held) end(held, 'bye');
  return { lone, client, commit, heard: () => heard.join('') };
}

test.each(ends)('CT-7 %s while a client is frozen waits; refused, all leaves', async (_, end) => {
  const { lone, client, commit, heard } = await dismissed(end);
  const { transfer, attempt } = commit;
  const { client: other, server } = await socketPair();
  server.write('time in which the end could have arrived');
  await once(other, 'readable');
  expect({ heard: heard(), isEnded: client.readableEnded }).toEqual({ heard: '', isEnded: false });
  const refusal = { code: 'IPX_TARGET_FULL', reason: 'full' };
  lone.peerSays({ type: 'transfer.reject', transfer, attempt, refusal });
  expect(await lone.outcome()).toMatchObject({ outcome: 'refused' });
  await once(client, 'end');
  expect(heard()).toBe('goodbye');
});

test.each(ends)('CT-6 %s while a client is frozen is not the target’s', async (_, end) => {
  const { lone, client, commit, heard } = await dismissed(end);
  const { transfer, attempt, slot } = commit;
  const target = new Socket({ fd: lone.peerCustody.claim(slot) ?? -1 });
  onTestFinished(() => void target.destroy());
  lone.peerCustody.adopt(slot);
  lone.peerSays({ type: 'transfer.confirm', transfer, attempt });
  expect(await lone.outcome()).toMatchObject({ outcome: 'transferred' });
  target.end('from the target');
  await once(client, 'end');
  expect(heard()).toBe('from the target');
});
