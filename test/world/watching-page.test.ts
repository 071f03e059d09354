/**
 * Goal: AF-7: who watches and does not read costs a bounded memory, and is told anew later.
 * Method: a real WebSocket whose reader is paused, and parcels until no more is taken.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { afterEach, expect, test, vi } from 'vitest';
import { limits } from '#internal/limits';
import { WatchingPage } from '#internal/inspect/watching-page';

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

async function pair() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  const accepted = once(sockets, 'connection') as Promise<[WebSocket]>;
  const reader = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(reader, 'open');
  const [socket] = await accepted;
  open.push(
    () => reader.terminate(),
    () => socket.terminate(),
    () => server.close(),
  );
  return { socket, reader };
}

const parcel = JSON.stringify({ type: 'x', text: 'y'.repeat(64 * 1024) });

test('AF-7 what a page does not read is bounded, and it is told anew once it reads', async () => {
  const { socket, reader } = await pair();
  let renewals = 0;
  const page = new WatchingPage({
    socket,
    onReadAgain: () => (renewals += 1),
    messagesOf: (text) => [`[${text}]`],
  });
  let gaps = 0;
  reader.on('message', (data: Buffer) => {
    if (data.includes('@interplex.gap')) gaps += 1;
  });
  reader.pause();
  const most = limits.inspectWaitingBytes + 2 * parcel.length;
  for (let count = 0; count < 1_000; count += 1) {
    page.take(parcel);
    expect(socket.bufferedAmount).toBeLessThan(most);
    if (count % 50 === 0) await new Promise(setImmediate);
  }
  expect(socket.bufferedAmount).toBeGreaterThan(limits.inspectWaitingBytes / 2);
  expect(renewals).toBe(0);
  reader.resume();
  await vi.waitUntil(() => {
    page.take(parcel);
    return gaps > 0;
  });
  expect(renewals).toBe(1);
});
