/**
 * Goal: CT-9, CT-3: a connection goes round a ring of nodes, again and again, while its client
 * streams both ways without pause, and no byte is lost, doubled or out of order, whatever carries.
 * Method: each node returns what it reads and passes the client on; the client compares what it
 * sent with what it got, by their hashes. The soak's counts are IPX_RING_HOPS=1000 and
 * IPX_RELAY_RING_HOPS=1000.
 */
import { createHash, randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { Testbed } from '../support/testbed.ts';
import type { TestClient } from '../support/test-client.ts';

const carriers = [
  ['descriptor', Number(process.env['IPX_RING_HOPS'] ?? 1_000)],
  ['relay', Number(process.env['IPX_RELAY_RING_HOPS'] ?? 200)],
] as const;
const room = { run: ['room'] };
const ring = ['a', 'b', 'c'];
const nodes = { edge: {}, a: room, b: room, c: room };

// tidy: function-size: one description of both carriers, each test of it short.
describe.each(carriers)('by %s', (carrier, hops) => {
  let bed: Testbed;
  const begin = async (hopsMax: number) => {
    bed = await Testbed.start({ nodes, hopsMax, carriers: [carrier] });
  };
  afterEach(() => bed.stop());

  /** Streams until the client has made its hops and a little longer. */
  async function streamed(client: TestClient) {
    const sent = createHash('sha256');
    const received = createHash('sha256');
    let sentBytes = 0;
    let receivedBytes = 0;
    const { socket } = client;
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => {
      received.update(chunk);
      receivedBytes += chunk.length;
    });
    const isThere = () => bed.cluster.routes()[0]?.hops === hops;
    for (let rounds = 0; rounds % 50 > 0 || !isThere(); rounds += 1) {
      const chunk = randomBytes(1 + ((rounds * 7_919) % 20_000));
      sent.update(chunk);
      sentBytes += chunk.length;
      const isTaken = socket.write(chunk);
      // Without pause, and bounded: no more than a socket's buffers run ahead of what came back.
      await new Promise((resolve) =>
        isTaken ? setImmediate(resolve) : socket.once('drain', resolve),
      );
    }
    socket.end();
    await finished(socket, { writable: false });
    return { sent: sent.digest('hex'), received: received.digest('hex'), sentBytes, receivedBytes };
  }

  test(
    `CT-9 CT-3 CT-16 ${hops} hops under a stream both ways: equal hashes at both ends`,
    async () => {
      await begin(hops + 1);
      const client = await bed.connect({ allowHalfOpen: true });
      client.tell({ do: 'circle', ring, hops });
      const stream = await streamed(client);
      expect(stream.receivedBytes).toBe(stream.sentBytes);
      expect(stream.received).toBe(stream.sent);
      expect(stream.sentBytes).toBeGreaterThan(hops * 100);
      await bed.settle();
    },
    Math.max(20_000, hops * 40),
  );

  test('CT-9 hops that the client has not sent a byte between are bounded, and named', async () => {
    await begin(3);
    const client = await bed.connect();
    const transfer = (node: string) => ({ do: 'transfer', prefer: [node] }) as const;
    // In one packet: after the first move the targets read only what travels with the client.
    client.tell(transfer('a'), transfer('b'), transfer('c'), transfer('a'), { do: 'who' });
    expect(await client.answer()).toMatchObject({ outcome: 'refused', code: 'IPX_HOPS_EXCEEDED' });
    expect(await client.answer()).toMatchObject({ node: 'c', hops: 3, carrier });
    client.tell(transfer('a'), { do: 'who' }); // A byte from the client starts the count anew.
    expect(await client.answer()).toMatchObject({ node: 'a', hops: 4 });
  });
});
