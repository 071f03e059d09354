/**
 * Goal: a link between processes is a link: whole, in order, opened by both, lost by both.
 * Method: two ends over a line that keeps each one's order, driven by a seed, with breaks.
 */
import { expect, test } from 'vitest';
import { pino } from 'pino';
import type { ParcelPort } from '#internal/runtime/link';
import { RemoteLinks } from '#internal/runtime/remote-links';
import { RemotePort } from '#internal/runtime/remote-port';
import type { NodeId } from '#actors/vocabulary';
import { randomOf } from './support/random.ts';

type Parcel = Parameters<ParcelPort['postMessage']>[0];

/** Messages on their way, of each end in its order; whose is next is the seed's choice. */
class Line {
  readonly #random;
  readonly #underway = new Map<string, (() => void)[]>();
  isCut = false;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  send(from: string, deliver: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.#underway.get(from) ?? [];
      this.#underway.set(from, queue);
      queue.push(() => {
        if (this.isCut) {
          reject(new Error('The line is cut.'));
          return;
        }
        deliver();
        resolve();
      });
    });
  }

  /** Until nothing is under way, and nothing that followed from it. */
  async run(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const queues = [...this.#underway.values()].filter(({ length }) => length > 0);
      if (queues.length === 0) return;
      this.#random.oneOf(queues).shift()?.();
    }
  }
}

class End {
  readonly links: RemoteLinks;
  readonly heard: Parcel[] = [];
  readonly story: string[] = [];
  port: ParcelPort | undefined;

  constructor(line: Line, self: string, other: () => End) {
    this.links = new RemoteLinks({
      send: (_to, bytes) => line.send(self, () => other().links.hear(self as NodeId, bytes)),
      open: (peer, port) => {
        this.port = port;
        this.story.push(`open ${peer}`);
        port.on('message', (parcel) => this.heard.push(parcel));
        port.on('close', () => this.story.push(`close ${peer}`));
      },
      lose: (peer) => this.story.push(`lost ${peer}`),
      log: pino({ enabled: false }),
    });
  }
}

function ends(seed = 1) {
  const line = new Line(seed);
  const a: End = new End(line, 'a', () => b);
  const b: End = new End(line, 'b', () => a);
  return { line, a, b };
}

const nodeA = 'a' as NodeId;
const nodeB = 'b' as NodeId;
const whole = (length: number) => 'x'.repeat(length);

test('what is posted comes once, whole and in order, however late its messages are', async () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const { line, a, b } = ends(seed);
    a.links.joined(nodeB);
    b.links.joined(nodeA);
    await line.run();
    expect(a.story).toEqual(['open b']);
    expect(b.story).toEqual(['open a']);
    const parcels = Array.from({ length: 40 }, (_, index) => `${index} ${whole(index * 3_000)}`);
    for (const parcel of parcels) a.port?.postMessage(parcel);
    for (const parcel of parcels.toReversed()) b.port?.postMessage(parcel);
    await line.run();
    expect(b.heard).toEqual(parcels);
    expect(a.heard).toEqual(parcels.toReversed());
  }
});

test('who joins first waits for the other, and messages stay what they are', async () => {
  const { line, a, b } = ends();
  a.links.joined(nodeB);
  await line.run();
  expect([a.story, b.story]).toEqual([[], []]);
  b.links.joined(nodeA);
  await line.run();
  expect(a.story).toEqual(['open b']);
  expect(b.story).toEqual(['open a']);
  const listing = { type: 'relay.paused', handover: 1, sent: 2 } as const;
  a.port?.postMessage([listing, 'packed', listing]);
  await line.run();
  expect(b.heard).toEqual([[listing, 'packed', listing]]);
});

test('a parcel costs the same, however many wait', async () => {
  const microsecondsOf = async (count: number) => {
    let left = count;
    let onSent = () => {};
    const sent = new Promise<void>((resolve) => (onSent = resolve));
    const send = async () => {
      left -= 1;
      if (left === 0) onSent();
    };
    const port = new RemotePort({ session: 1, send, onOver: () => undefined });
    for (let posted = 0; posted < count; posted += 1) port.postMessage('a word');
    const before = performance.now();
    port.establish(2);
    await sent;
    return ((performance.now() - before) * 1_000) / count;
  };
  const few = await microsecondsOf(10_000);
  expect(await microsecondsOf(300_000)).toBeLessThan(few * 4);
});

test('an end that closes is heard after its last word, and lost at once', async () => {
  const { line, a, b } = ends(3);
  a.links.joined(nodeB);
  b.links.joined(nodeA);
  await line.run();
  a.port?.postMessage('last word');
  const closed = a.links.close();
  await line.run();
  await closed;
  expect(b.heard).toEqual(['last word']);
  expect(b.story).toEqual(['open a', 'close a', 'lost a']);
  expect(a.story).toEqual(['open b', 'close b', 'lost b']);
});

test('a line that breaks closes both ends, and members meet again by themselves', async () => {
  const { line, a, b } = ends(5);
  a.links.joined(nodeB);
  b.links.joined(nodeA);
  await line.run();
  line.isCut = true;
  a.port?.postMessage('never heard');
  await line.run();
  expect(a.story).toEqual(['open b', 'close b', 'lost b']);
  line.isCut = false;
  const former = b.port;
  a.links.joined(nodeB);
  await line.run();
  expect(b.story).toEqual(['open a', 'close a', 'lost a', 'open a']);
  former?.postMessage('of an earlier life');
  a.port?.postMessage('again');
  await line.run();
  expect(a.heard).toEqual([]);
  expect(b.heard).toEqual(['again']);
});

test('a peer that the membership calls gone is lost, and its later words are refused', async () => {
  const { line, a, b } = ends(7);
  a.links.joined(nodeB);
  b.links.joined(nodeA);
  await line.run();
  a.links.left(nodeB, 'nobody reaches it');
  b.port?.postMessage('I am here');
  await line.run();
  expect(a.story).toEqual(['open b', 'close b', 'lost b']);
  expect(a.heard).toEqual([]);
  expect(b.story).toEqual(['open a', 'close a', 'lost a']);
});

test('what is no word of a link changes nothing', async () => {
  const { line, a } = ends();
  const random = randomOf(9);
  for (let round = 0; round < 5_000; round += 1) {
    a.links.hear(nodeB, Buffer.from(Array.from({ length: random.below(40) }, () => 0xf0)));
  }
  await line.run();
  expect(a.story).toEqual([]);
});

test('a parcel that cannot be read ends the link, and a flood of parts does', async () => {
  const { line, a, b } = ends(11);
  a.links.joined(nodeB);
  b.links.joined(nodeA);
  await line.run();
  b.port?.postMessage({ no: 'parcel' } as unknown as Parcel);
  await line.run();
  expect(a.story).toEqual(['open b', 'close b', 'lost b']);
});
