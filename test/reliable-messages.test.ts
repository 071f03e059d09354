/**
 * Goal: a message comes once and in order over whatever way is left, however large (CM-3, CM-7).
 * Method: the real messengers in a simulated network, from seeds; see `support/seeds`.
 */
import { limits } from '#internal/limits';
import type { Message } from '#internal/messaging/exchange';
import { expect, test } from 'vitest';
import { heardBy, numbered } from './support/counting.ts';
import { seedCount, seedsOf, seedsPatience } from './support/seeds.ts';
import { SimulatedCluster } from './support/simulated-cluster.ts';

test.each(seedsOf(seedCount * 4))(
  'CM-3 come once and in order, whatever the network does: seed %i',
  async (seed) => {
    const options = { seed, loss: 0.15, duplication: 0.1, delayMs: [0.1, 20] } as const;
    const cluster = new SimulatedCluster(2, options);
    await cluster.start();
    const heard = heardBy(cluster, 1);
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    const [sender] = cluster.messengers;
    const sent: Promise<void>[] = [];
    for (const number of numbers) {
      sent.push(sender!.send('n2', numbered(number), { timeoutMs: 60_000 }));
      if (number % 50 === 0) await cluster.network.run(5);
    }
    await cluster.settle(Promise.all(sent));
    expect(heard).toEqual(numbers);
    await cluster.close();
  },
  seedsPatience,
);

test(
  'CM-3 a primary that is cut costs no message, and 250 ms at most',
  async () => {
    for (const seed of seedsOf()) {
      const cluster = new SimulatedCluster(2, { seed });
      await cluster.start();
      const heard = heardBy(cluster, 1);
      const [sender] = cluster.messengers;
      await cluster.settle(sender!.send('n2', numbered(0)));
      cluster.cut(0, 1);
      const sent = sender!.send('n2', numbered(1));
      const took = await cluster.network.until(() => heard.length === 2, 1_000);
      expect(took).toBeLessThan(250);
      await cluster.settle(sent);
      cluster.cut(1, 1);
      const late = sender!.send('n2', numbered(2), { timeoutMs: 500 });
      await expect(cluster.settle(late)).rejects.toMatchObject({ code: 'IPX_MESSAGE_TIMEOUT' });
      cluster.mend();
      await cluster.settle(sender!.send('n2', numbered(3)));
      expect(heard).toEqual([0, 1, 2, 3]); // What was late is not lost, only no longer waited for.
      await cluster.close();
    }
  },
  seedsPatience,
);

test('CM-3 a burst leaves before its turn ends, what is less at its end', async () => {
  const cluster = new SimulatedCluster(2, { seed: 1 });
  await cluster.start();
  const heard = heardBy(cluster, 1);
  const { network, messengers } = cluster;
  await cluster.settle(messengers[0]!.send('n2', numbered(0)));
  const sentIn = (count: number): { datagrams: number; sent: Promise<unknown> } => {
    const before = network.datagrams;
    const text = 'x'.repeat(1_024);
    const sent = Array.from({ length: count }, (_, index) =>
      messengers[0]!.send('n2', { ...numbered(index + 1), text } as Message),
    );
    return { datagrams: network.datagrams - before, sent: Promise.all(sent) };
  };
  const little = sentIn(limits.burstBytes / 1_024 - 16);
  expect(little.datagrams).toBe(0);
  await cluster.settle(little.sent);
  heard.length = 0;
  const much = sentIn(1_000);
  expect(much.datagrams).toBeGreaterThan(1);
  await cluster.settle(much.sent);
  expect(heard).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  await cluster.close();
});

test('CM-7 a message larger than any datagram comes whole, a narrow path or not', async () => {
  const cluster = new SimulatedCluster(2, { seed: 1, loss: 0.02 });
  await cluster.start();
  const [sender, receiver] = cluster.messengers;
  receiver!.on('echo', ({ text }) => ({ text }));
  const text = 'é'.repeat(100_000);
  const ask = (message: string) =>
    cluster.settle(
      sender!.request('n2', { kind: 'echo', text: message } as Message, { timeoutMs: 30_000 }),
    );
  expect(await ask(text)).toEqual({ text });
  cluster.network.passes = (_from, _to, bytes) => bytes <= 900;
  expect(await ask(text.slice(0, 20_000))).toEqual({ text: text.slice(0, 20_000) });
  await cluster.close();
});

test('CM-7 an unreliable message is put together of its fragments', async () => {
  const cluster = new SimulatedCluster(2, { seed: 1, delayMs: [0.1, 5] });
  await cluster.start();
  const [sender, receiver] = cluster.messengers;
  const texts: unknown[] = [];
  receiver!.on('text', ({ text }) => void texts.push(text));
  await cluster.settle(sender!.send('n2', { kind: 'hello' }));
  const text = 'x'.repeat(40_000);
  await sender!.send('n2', { kind: 'text', text } as Message, { reliable: false });
  await cluster.network.run(100);
  expect(texts).toEqual([text]);
  await cluster.close();
});
