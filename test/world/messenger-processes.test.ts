/**
 * Goal: processes with one node each change their key without a pause, survive garbage at their
 * ports, and refuse a second node of one name while the first lives (CM-5, CM-10).
 * Method: real processes over addresses of loopback that stand for two networks.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { afterEach, expect, test } from 'vitest';
import { MessengerProcess, type Look } from '../support/messenger-process.ts';

const key = randomBytes(32).toString('hex');
const port = 20_000 + (process.pid % 40_000);
const running = new Set<MessengerProcess>();
afterEach(async () => {
  const all = [...running];
  running.clear();
  for (const one of all) one.signal('SIGKILL');
  await Promise.all(all.map(({ exited }) => exited));
});

const addressOf = (net: number, place: number) => `127.83.${net}.${place}`;

const settingOf = (id: string, place: number, ownKey = key) => ({
  id,
  key: ownKey,
  seeds: [`${addressOf(1, 1)}:${port}`],
  adapters: [1, 2].map((net) => ({ address: addressOf(net, place), port })),
});
const launch = ([program = '', ...words]: readonly string[]) =>
  spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });

async function start(id: string, place: number, ownKey = key): Promise<MessengerProcess> {
  const started = await MessengerProcess.start(launch, settingOf(id, place, ownKey));
  running.add(started);
  return started;
}

const sees = (others: readonly string[]) => (look: Look) =>
  others.every((other) =>
    look.members.some(({ node, status }) => node === other && status === 'alive'),
  );

/** All of them, knowing each other. */
async function cluster(ids: readonly string[]): Promise<MessengerProcess[]> {
  const all: MessengerProcess[] = [];
  for (const [index, id] of ids.entries()) all.push(await start(id, index + 1));
  for (const [index, one] of all.entries()) {
    const others = ids.filter((_, place) => place !== index);
    await one.sees(`${others.join(', ')} are alive`, sees(others));
  }
  return all;
}

const receives = (before: Look) => (look: Look) =>
  look.counters.datagramsReceived > before.counters.datagramsReceived + 20;

test('CM-10 keys rotate between processes under traffic, and nobody is unheard', async () => {
  const all = await cluster(['a', 'b', 'c']);
  const [a, b, c] = all;
  const asked = Promise.all([a!.ask('b', 150, 10), b!.ask('c', 150, 10), c!.ask('a', 150, 10)]);
  let last = key;
  const rotated = [all, all.toReversed()].map((order) => async () => {
    last = randomBytes(32).toString('hex');
    // One after another, as an operator does it: between them both keys are in use.
    for (const one of order) await one.acceptKey(last);
    for (const one of order) await one.rotateKey(last);
    for (const one of all) await one.sees('it hears with the new one', receives(await one.look()));
  });
  const both = rotated[0]!().then(rotated[1]);
  const [answers] = await Promise.all([asked, both]);
  expect(answers.flat()).toHaveLength(450);
  for (const one of all) {
    const { counters, members } = await one.look();
    expect(counters.foreign).toBe(0);
    expect(counters.forged).toBe(0);
    expect(members.map(({ status }) => status)).toEqual(['alive', 'alive']);
  }
  const late = await start('d', 4, last);
  await late.sees('it is let in with the last key', sees(['a', 'b', 'c']));
  const stranger = await start('x', 5); // With the first one, two changes ago.
  await a!.sees('it is counted', ({ counters }) => counters.foreign > 0);
  expect((await stranger.look()).members).toEqual([]);
});

test('CM-5 AF-9 a second process of one name is refused, and disturbs nobody', async () => {
  const [a, b] = await cluster(['a', 'b']);
  const asked = a!.ask('b', 100, 10);
  const second = MessengerProcess.launch(launch, settingOf('b', 3));
  running.add(second);
  expect(await second.exited).not.toBe(0);
  expect(second.errors).toMatch(/IPX_NAME_TAKEN/);
  expect(second.errors).toMatch(/Another node named "b" lives at 127\.83\.[12]\.2:\d+/);
  expect(await asked).toHaveLength(100);
  expect((await b!.look()).members.map(({ status }) => status)).toEqual(['alive']);
  const { members } = await a!.look();
  expect(members.map(({ node, status }) => [node, status])).toEqual([['b', 'alive']]);
});

const isAt = (place: number) => (look: Look) =>
  look.observed.some(({ node, address }) => node === 'b' && address === addressOf(1, place));

test('CM-5 a name is taken over from who was killed, and from who stood still', async () => {
  const [a, b] = await cluster(['a', 'b']);
  b!.signal('SIGKILL');
  await b!.exited;
  const next = await start('b', 3);
  await a!.sees('b is the next one', isAt(3));
  expect(await a!.ask('b', 1, 0)).toHaveLength(1);
  next.signal('SIGSTOP');
  await a!.sees('it is dead', ({ members }) => members[0]?.status === 'dead');
  const third = await start('b', 4);
  await a!.sees('b is the third one', isAt(4));
  expect(await a!.ask('b', 1, 0)).toHaveLength(1);
  next.signal('SIGCONT');
  expect(await next.exited).not.toBe(0);
  expect(next.errors).toMatch(/IPX_NAME_TAKEN/);
  expect(await a!.ask('b', 20, 1)).toHaveLength(20);
  await third.stop();
});

test('CM-10 garbage at every port is counted, and messages go on', async () => {
  const [a, b] = await cluster(['a', 'b']);
  const before = await b!.look();
  const asked = a!.ask('b', 200, 2);
  const stranger = createSocket('udp4');
  const lengths = [0, 1, 32, 33, 34, 200, 1_400, 16_000];
  for (let round = 0; round < 500; round += 1) {
    for (const length of lengths) {
      const bytes = randomBytes(length);
      if (round % 2 === 0 && length > 0) bytes[0] = 1; // As of our version.
      stranger.send(bytes, port, addressOf(1 + (round % 2), 2));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await asked).toHaveLength(200);
  const isDropped = ({ counters }: Look) => counters.malformed > 1_000 && counters.foreign > 1_000;
  await b!.sees('it is counted', isDropped);
  expect((await b!.look()).hash).toBe(before.hash);
  stranger.close();
});
