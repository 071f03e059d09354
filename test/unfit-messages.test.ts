/**
 * Goal: what cannot travel, or is sent with options that mean nothing, is refused where it is given
 * (AF-9), and what cannot be read costs no other message (CM-3, CM-10).
 * Method: the real messengers in a simulated network.
 */
import { encodeRecord, recordKinds } from '#internal/messaging/record';
import { Exchange, type Message } from '#internal/messaging/exchange';
import type { Messenger } from '#internal/messaging/messenger';
import { newCounters } from '#internal/messaging/counters';
import { Peer } from '#internal/messaging/peer';
import type { SendOptions } from '#internal/messaging/send-options';
import type { NodeId } from '#actors/vocabulary';
import { ByteReader } from '#internal/wire/bytes';
import { limits } from '#internal/limits';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { until } from './support/until.ts';
import { heardBy, numbered } from './support/counting.ts';
import { SimulatedCluster } from './support/simulated-cluster.ts';

class News {
  readonly kind = 'news';
}
class Getter {
  get kind(): string {
    return 'news';
  }
}
const kinds: readonly (readonly [string, Message])[] = [
  ['a getter of its class', new Getter()],
  ['inherited', Object.create(new News()) as Message],
  ['not enumerable', Object.defineProperty({}, 'kind', { value: 'news' }) as Message],
  ["a map's", Object.assign(new Map(), { kind: 'news' })],
  ["a list's", Object.assign([1], { kind: 'news' })],
  ["an error's", Object.assign(new Error('news'), { kind: 'news' })],
];

test.each(kinds)(
  'AF-9 a message whose kind would be lost on its way is refused: %s',
  async (_, unfit) => {
    const cluster = new SimulatedCluster(2, { seed: 1 });
    await cluster.start();
    const heard = heardBy(cluster, 1);
    const [sender] = cluster.messengers;
    const messages = [numbered(1), unfit, numbered(2)];
    const sent = messages.map((message) => sender!.send('n2', message));
    const [, refused] = await cluster.settle(Promise.allSettled(sent));
    expect(refused).toMatchObject({ reason: { code: 'IPX_STATE_INVALID' } });
    expect(heard).toEqual([1, 2]);
    await cluster.close();
  },
);

test('CM-3 an object of a class is a message, if its kind is its own', async () => {
  const cluster = new SimulatedCluster(2, { seed: 1 });
  await cluster.start();
  const kindsHeard: string[] = [];
  cluster.messengers[1]!.on('news', ({ kind }) => void kindsHeard.push(kind));
  await cluster.settle(cluster.messengers[0]!.send('n2', new News()));
  expect(kindsHeard).toEqual(['news']);
  await cluster.close();
});

test('CM-10 a record that cannot be read is counted, and those beside it are heard', () => {
  const counters = newCounters();
  const clock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => 0, defer: () => 0 };
  const exchange = new Exchange({ clock, counters, add: () => Promise.resolve() });
  const peer = new Peer('n1' as NodeId, 0);
  const heard: unknown[] = [];
  exchange.on('count', ({ number }) => void heard.push(number));
  const values = [numbered(1), { without: 'a kind' }, numbered(2)];
  for (const value of values) {
    const record = encodeRecord({ kind: recordKinds.message, number: 0, value });
    exchange.take(new ByteReader(record), peer);
  }
  expect(heard).toEqual([1, 2]);
  expect(counters.malformed).toBe(1);
});

test('AF-9 a message that is too large leaves no memory taken', async () => {
  const cluster = new SimulatedCluster(2, { seed: 1 });
  await cluster.start();
  const [sender] = cluster.messengers;
  await cluster.settle(sender!.send('n2', numbered(1)));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const bytesTaken = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = bytesTaken();
  const huge = { kind: 'text', text: 'x'.repeat(64 * limits.messageBytesMax) } as Message;
  await expect(sender!.send('n2', huge)).rejects.toMatchObject({ code: 'IPX_MESSAGE_LIMIT' });
  const isFree = () => bytesTaken() - before < 4 * limits.messageBytesMax;
  await until('its memory is free', isFree); // What is collected is freed by another thread.
  await cluster.settle(sender!.send('n2', numbered(2)));
  await cluster.close();
});

const calls: readonly (readonly [string, unknown])[] = [
  ['no object', 5],
  ['null', null],
  ['a name that is none', { timeout: 100 }],
  ['no time', { timeoutMs: 0 }],
  ['less than none', { timeoutMs: -1 }],
  ['no number', { timeoutMs: NaN }],
  ['text', { timeoutMs: '100' }],
  ['longer than a timer takes', { timeoutMs: Infinity }],
];
test.each(calls)('AF-9 options that mean nothing are refused: %s', async (_, options) => {
  const cluster = new SimulatedCluster(2, { seed: 1 });
  await cluster.start();
  const [sender] = cluster.messengers;
  const refusal = { code: 'IPX_OPTION_INVALID' };
  const given = options as SendOptions;
  await expect(sender!.send('n2', numbered(1), given)).rejects.toMatchObject(refusal);
  await expect(sender!.request('n2', numbered(1), given)).rejects.toMatchObject(refusal);
  await cluster.close();
});

test('AF-9 a name that is no text is one that the table has not', async () => {
  const cluster = new SimulatedCluster(2, { seed: 1 });
  await cluster.start();
  const [sender] = cluster.messengers;
  const sent = sender!.send(undefined as never, numbered(1));
  await expect(sent).rejects.toMatchObject({ code: 'IPX_NODE_UNKNOWN' });
  await cluster.close();
});

const refused: readonly (readonly [string, (messenger: Messenger) => void])[] = [
  ['a kind that is none', (messenger) => messenger.on(undefined as never, () => 1)],
  ['a port beyond the last', (messenger) => messenger.setDataPort(70_000)],
  ['a port that is no whole number', (messenger) => messenger.setDataPort(1.5)],
];
test.each(refused)('AF-9 what others could not read or hear is refused: %s', async (_, call) => {
  const cluster = new SimulatedCluster(2, { seed: 1 });
  await cluster.start();
  expect(() => call(cluster.messengers[0]!)).toThrow(
    expect.objectContaining({ code: 'IPX_OPTION_INVALID' }),
  );
  await cluster.close();
});
