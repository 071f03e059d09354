/**
 * Goal: whatever becomes of its paths and of its target, a data port keeps what each channel
 * promises, both ways, and every message that it accepted is applied or reported (DP-6, DP-8).
 * Method: two nodes, and a backup, over simulated connections and time; from each seed come the
 * ports, the messages, the pieces in which bytes arrive and the faults: paths reset, silent,
 * refused, corrupted, a target that dies. `IPX_PORT_SEEDS` says how many; the soak has 10,000.
 */
import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import type { DataPort } from 'interplex';
import { addressesOf, SimulatedNetwork, type LineState } from './support/data-port/simulation.ts';
import { numbered, numberOf, upTo } from './support/data-port/nodes.ts';

const seeds = Number(process.env['IPX_PORT_SEEDS'] ?? 60);
const kinds = ['ordered', 'keyed', 'unordered', 'latest'] as const;
const channels = {
  ordered: { kind: 'ordered', priority: 'bulk' },
  keyed: { kind: 'keyed' },
  unordered: { kind: 'unordered' },
  latest: { kind: 'latest', priority: 'control' },
} as const;
const keys = 5;

interface Heard {
  readonly number: number;
  readonly replayed: boolean;
}
class Target {
  readonly heard = Object.fromEntries(kinds.map((kind) => [kind, [] as Heard[]]));
  port: DataPort | undefined;

  readonly accept = (port: DataPort): void => {
    this.port = port;
    for (const kind of kinds) {
      const note = (message: Buffer, { replayed }: { replayed: boolean }) => {
        this.heard[kind]!.push({ number: numberOf(message), replayed });
      };
      port.receive(note, { channel: kind });
    }
  };

  numbers(kind: string): number[] {
    return this.heard[kind]!.map(({ number }) => number);
  }
}

/** Sends `count` messages of each channel, at times of the seed's choice. */
function send(network: SimulatedNetwork, port: DataPort, count: number): Promise<unknown> {
  const sent: Promise<void>[] = [];
  const { random, time } = network;
  return new Promise((resolve) => {
    let number = 0;
    const next = () => {
      for (let left = random.below(6); left >= 0 && number < count; left -= 1) {
        for (const kind of kinds) {
          const length = random.chance(0.05) && kind !== 'latest' ? 70_000 : 8 + random.below(200);
          const key = kind === 'keyed' ? { key: `key ${number % keys}` } : {};
          const options = { channel: kind, acknowledgement: 'applied', ...key } as const;
          sent.push(port.send(numbered(number, length), options));
        }
        number += 1;
      }
      if (number < count) time.setTimeout(next, random.below(40));
      else resolve(Promise.all(sent));
    };
    next();
  });
}

/** Faults of the lines to `node`, for so long; then all is good. */
function disturb(network: SimulatedNetwork, node: string, links: number, forMs: number): void {
  const { random, time } = network;
  const states: readonly LineState[] = ['good', 'cut', 'refusing', 'corrupting'];
  const disturbOnce = () => {
    const line = `${node}.${random.below(links)}`;
    if (time.now() > forMs) {
      for (const index of upTo(4)) network.set(`${node}.${index}`, 'good');
      return;
    }
    if (random.chance(0.4)) network.reset(line);
    else network.set(line, random.oneOf(states));
    time.setTimeout(disturbOnce, random.below(150));
  };
  time.setTimeout(disturbOnce, random.below(100));
}

const ascending = (numbers: readonly number[]) =>
  [...numbers].toSorted((one, other) => one - other);

/** What the channels promise of one incarnation of a target that lived to the end. */
function requirePromises(target: Target, count: number, from = 0): void {
  const all = upTo(count).slice(from);
  assert.deepEqual(target.numbers('ordered'), all);
  for (const key of upTo(keys)) {
    const ofKey = target.numbers('keyed').filter((number) => number % keys === key);
    assert.deepEqual(
      ofKey,
      all.filter((number) => number % keys === key),
    );
  }
  assert.deepEqual(ascending(target.numbers('unordered')), all);
  const latest = target.numbers('latest');
  assert.deepEqual(latest, ascending([...new Set(latest)]));
  assert.equal(latest.at(-1), count - 1);
}

async function simulateFaults(seed: number): Promise<void> {
  const network = new SimulatedNetwork(seed);
  const { random } = network;
  const [edge, hall] = [network.nodeOf('edge'), network.nodeOf('hall')];
  const [near, far] = [new Target(), new Target()];
  await hall.accept('volume', far.accept);
  const links = 1 + random.below(4);
  const opening = edge.open({
    to: { node: 'hall', addresses: addressesOf('hall') },
    service: 'volume',
    links,
    channels,
    abandonMs: 600_000,
  });
  const port = await network.run(opening, 10_000);
  near.accept(port);
  const count = 20 + random.below(80);
  disturb(network, 'hall', links, 200 + random.below(2_000));
  const sending = Promise.all([send(network, port, count), send(network, far.port!, count)]);
  await network.run(sending, 600_000);
  requirePromises(far, count);
  requirePromises(near, count);
  await network.run(port.close(), 10_000);
}

async function simulateDeath(seed: number): Promise<void> {
  const network = new SimulatedNetwork(seed);
  const { random, time } = network;
  const edge = network.nodeOf('edge');
  const [first, second] = [new Target(), new Target()];
  await network.nodeOf('hall').accept('volume', first.accept);
  await network.nodeOf('spare').accept('volume', second.accept);
  const links = 1 + random.below(4);
  const opening = edge.open({
    to: { node: 'hall', addresses: addressesOf('hall') },
    backups: [{ node: 'spare', addresses: addressesOf('spare') }],
    service: 'volume',
    links,
    channels,
  });
  const port = await network.run(opening, 10_000);
  const count = 20 + random.below(80);
  if (random.chance(0.5)) disturb(network, 'hall', links, random.below(400));
  time.setTimeout(() => network.kill('hall'), random.below(600));
  await network.run(send(network, port, count), 600_000);
  const known = first.numbers('ordered').length;
  const begin = second.numbers('ordered')[0] ?? count;
  assert.deepEqual(first.numbers('ordered'), upTo(known));
  assert.ok(begin <= known); // Nothing lies between the two.
  if (port.target === 'spare') {
    assert.deepEqual(second.numbers('ordered'), upTo(count).slice(begin));
    for (const kind of ['ordered', 'keyed', 'unordered'] as const) {
      const applied = new Set(first.numbers(kind));
      const union = new Set([...applied, ...second.numbers(kind)]);
      assert.deepEqual(ascending([...union]), upTo(count));
      assert.equal(new Set(second.numbers(kind)).size, second.numbers(kind).length);
      // What both have is marked: the first may have applied it.
      for (const { number, replayed } of second.heard[kind]!) {
        if (applied.has(number)) assert.equal(replayed, true);
      }
    }
  }
  await network.run(port.close(), 10_000);
}

/** How many seeds kept the promises: all, or it throws with the first that did not. */
async function keptBy(simulate: (seed: number) => Promise<void>): Promise<number> {
  for (const seed of upTo(seeds)) {
    try {
      await simulate(seed);
    } catch (error) {
      throw new Error(`Seed ${seed}.`, { cause: error });
    }
  }
  return seeds;
}

test('DP-6 over paths that fail in any way each channel keeps its promise', async () => {
  expect(await keptBy(simulateFaults)).toBe(seeds);
}, 3_600_000);

test('DP-8 what a dead target is not known to have applied comes to its backup, once', async () => {
  expect(await keptBy(simulateDeath)).toBe(seeds);
}, 3_600_000);

/** How long, in simulated time, a port takes to leave a target that has fallen silent. */
async function leavingMs(seed: number, isDoubted: boolean): Promise<number> {
  const network = new SimulatedNetwork(seed);
  const edge = network.nodeOf('edge');
  await network.nodeOf('hall').accept('volume', () => {});
  await network.nodeOf('spare').accept('volume', () => {});
  const opening = edge.open({
    to: { node: 'hall', addresses: addressesOf('hall') },
    backups: [{ node: 'spare', addresses: addressesOf('spare') }],
    service: 'volume',
  });
  const port = await network.run(opening, 10_000);
  const told: string[] = [];
  port.register({ onEvent: ({ type }) => void told.push(type) });
  const until = async (type: string) => {
    while (!told.includes(type)) {
      await network.run(new Promise((resolve) => network.time.setTimeout(() => resolve(0), 1)), 10);
    }
  };
  edge.doubt('hall'); // Both paths are up: whatever others think, the port knows better.
  await network.run(port.send(numbered(1), { acknowledgement: 'received' }), 1_000);
  expect(port.target).toBe('hall');
  for (const index of upTo(4)) network.set(`hall.${index}`, 'cut');
  const begunMs = network.time.now();
  await until('port.interrupted');
  if (isDoubted) edge.doubt('hall');
  await until('port.failedOver');
  expect(port.target).toBe('spare');
  const leftMs = network.time.now();
  await network.run(port.close(), 10_000);
  return leftMs - begunMs;
}

test('DP-8 the membership’s word hastens a failover, and takes no path’s place', async () => {
  const alone = await leavingMs(7, false);
  const hastened = await leavingMs(7, true);
  expect(hastened).toBeLessThan(700); // The silence of its paths, and no dial.
  expect(alone).toBeGreaterThan(hastened + 1_000); // A dial that nobody answers takes 1.5 s.
});

test('DP-8 candidates that refuse cost no wait, by whatever number of paths', async () => {
  for (const links of upTo(3).map((index) => index + 1)) {
    const network = new SimulatedNetwork(links);
    const backups = ['first', 'second', 'spare'].map((node) => {
      return { node, addresses: addressesOf(node) };
    });
    for (const node of ['hall', 'first', 'second']) {
      network.nodeOf(node);
      network.kill(node);
    }
    await network.nodeOf('spare').accept('volume', () => {});
    const opening = network.nodeOf('edge').open({
      to: { node: 'hall', addresses: addressesOf('hall') },
      backups,
      service: 'volume',
      links,
    });
    const port = await network.run(opening, 1_000); // Less than a dial that nobody answers.
    expect(port.target).toBe('spare');
    await network.run(port.close(), 10_000);
  }
});
