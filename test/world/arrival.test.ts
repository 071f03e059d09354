/**
 * Goal: CT-16: whoever fetches a relayed client by its ticket has it or has it not, by the word of
 * the relay alone; a timer would let go of a client that the relay may have given.
 * Method: the relay is played by a server of the test; time is simulated.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { NodeId } from '#actors/vocabulary';
import { beginReading } from '#internal/io/tcp';
import { RelayArrival } from '#internal/transfer/arrival';
import { taken } from '#internal/transfer/relay';

const token = 'ab'.repeat(16);

/** An arrival that has shown its ticket, and the relay's end of its connection. */
async function arrived() {
  const relay = createServer();
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void relay.close());
  const { port } = relay.address() as AddressInfo;
  const ticket = { owner: 'edge' as NodeId, number: 1, port, token };
  const unread = Buffer.from('unread ');
  const arrival = new RelayArrival(
    { carrier: 'relay', relay: ticket, unread, timeoutMs: 0 },
    false,
  );
  const claimed = new Promise<boolean>((resolve) => arrival.claim(resolve));
  const [socket] = (await once(relay, 'connection')) as [Socket];
  onTestFinished(() => void socket.destroy());
  const [shown] = (await once(socket, 'data')) as [Buffer];
  expect(shown.toString('hex')).toBe(token);
  return { arrival, claimed, socket };
}

test('CT-16 a relay whose thread stands for long may still give the client', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { arrival, claimed, socket } = await arrived();
  vi.advanceTimersByTime(60_000);
  socket.write(Buffer.concat([taken, Buffer.from('and read')]));
  expect(await claimed).toBe(true);
  const client = arrival.adopt();
  const chunks: Buffer[] = [];
  client?.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.end();
  if (client) {
    beginReading(client);
    await once(client, 'end');
  }
  expect(Buffer.concat(chunks).toString()).toBe('unread and read');
});

test('CT-16 CM-9 of a relay elsewhere, the first door that opens is taken', async () => {
  const [closed, open] = [createServer(), createServer()];
  for (const server of [closed, open]) await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void open.close());
  const at = [closed, open].map((server) => server.address() as AddressInfo);
  closed.close();
  await once(closed, 'close');
  const relay = { owner: 'edge' as NodeId, number: 1, port: 0, token, at };
  const unread = new Uint8Array();
  const arrival = new RelayArrival({ carrier: 'relay', relay, unread, timeoutMs: 0 }, false);
  const claimed = new Promise<boolean>((resolve) => arrival.claim(resolve));
  const [socket] = (await once(open, 'connection')) as [Socket];
  onTestFinished(() => void socket.destroy());
  const [shown] = (await once(socket, 'data')) as [Buffer];
  expect(shown.toString('hex')).toBe(token);
  socket.write(taken);
  expect(await claimed).toBe(true);
  expect(arrival.adopt()?.timeout ?? 0).toBe(0);
});

test('CT-16 a relay that closes has not given it', async () => {
  const { arrival, claimed, socket } = await arrived();
  socket.destroy();
  expect(await claimed).toBe(false);
  expect(arrival.adopt()).toBeUndefined();
});

test('CT-16 where nobody relays, there is no client', async () => {
  const gone = createServer();
  await once(gone.listen(0, '127.0.0.1'), 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');
  const relay = { owner: 'edge' as NodeId, number: 1, port, token };
  const cargo = { carrier: 'relay', relay, unread: new Uint8Array(), timeoutMs: 0 } as const;
  const arrival = new RelayArrival(cargo, false);
  expect(await new Promise((resolve) => arrival.claim(resolve))).toBe(false);
});
