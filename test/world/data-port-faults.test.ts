/**
 * Goal: over real sockets, too, no fault of a line costs a message or the port (DP-4, DP-6, DP-7);
 * a target that stands still costs a bounded memory, and resets cost nothing that stays.
 * Method: seeded schedules of faults on real lines, byte for byte compared; counts by environment:
 * `IPX_PORT_SCHEDULES` (6), `IPX_PORT_RESETS` (200), `IPX_PORT_STILL_MS` (1,000).
 */
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { socketCount } from '../support/descriptors.ts';
import { linesTo, nodeOf, numbered, openPort, takerOf, upTo } from '../support/data-port/nodes.ts';
import { randomOf, type Random } from '../support/random.ts';
import { setTimeout as pause } from 'node:timers/promises';

const schedules = Number(process.env['IPX_PORT_SCHEDULES'] ?? 6);
const resets = Number(process.env['IPX_PORT_RESETS'] ?? 200);
const stillMs = Number(process.env['IPX_PORT_STILL_MS'] ?? 1_000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

type Lines = Awaited<ReturnType<typeof linesTo>>['lines'];
type Post = (bytes: Buffer) => Promise<void>;

/** One fault of the schedule. */
function disturbOnce(lines: Lines, random: Random): void {
  const line = random.oneOf(lines);
  if (random.chance(0.5)) line.faults = {};
  switch (random.below(5)) {
    case 0:
      line.reset();
      return;
    case 1:
      line.faults = { isCut: true };
      return;
    case 2:
      line.faults = { corrupt: 0.01 };
      return;
    case 3:
      line.faults = { delayMs: 5, jitterMs: 20, rate: 2e6 };
      return;
    default:
      line.greeting = random.oneOf(['connect', 'refuse'] as const);
  }
}

/** Until it is told to end; then all lines are good. */
async function disturb(lines: Lines, random: Random, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    disturbOnce(lines, random);
    await pause(random.below(120));
  }
  for (const line of lines) line.greeting = 'connect';
  for (const line of lines) line.faults = {};
}

/** Messages of all sizes; returns what they come to. */
async function stream(post: Post, random: Random): Promise<string> {
  const hash = createHash('sha256');
  for (const number of upTo(400)) {
    const message = numbered(number, random.chance(0.2) ? random.below(150_000) : 100);
    hash.update(message);
    await post(message);
    if (number % 20 === 0) await pause(random.below(40));
  }
  return hash.digest('hex');
}

/** Both ends send while the lines fail; what comes is compared. */
async function runSchedule(seed: number): Promise<{ sent: string[]; heard: string[] }> {
  const random = randomOf(seed);
  const [there, back] = [createHash('sha256'), createHash('sha256')];
  const taker = await takerOf('hall', (port) =>
    port.receive((message) => void there.update(message)),
  );
  const links = 1 + random.below(4);
  const { lines, place } = await linesTo(taker, links, { seed });
  const { port, told } = await openPort(await nodeOf('edge'), { to: place, links });
  await told.until('path.up', links);
  port.receive((message) => void back.update(message));
  const far = taker.ports[0]!;
  const end = new AbortController();
  const disturbing = disturb(lines, random, end.signal);
  const sent = await Promise.all([
    stream((bytes) => port.post(bytes), random),
    stream((bytes) => far.post(bytes), random),
  ]);
  end.abort();
  await disturbing;
  await Promise.all(
    [port, far].map(async (one) => {
      while (one.unappliedBytes > 0) await pause(5);
    }),
  );
  await port.close();
  return { sent, heard: [there.digest('hex'), back.digest('hex')] };
}

test.each(upTo(schedules))(
  'DP-6 schedule %i of faults: byte for byte, both ways',
  async (seed) => {
    const { sent, heard } = await runSchedule(seed);
    expect(heard).toEqual(sent);
  },
  60_000,
);

test('DP-4 data takes each path as it drains, not in turn', async () => {
  const taker = await takerOf('hall', (port) => port.receive(() => {}));
  const { lines, place } = await linesTo(taker, 2);
  const { port, told } = await openPort(await nodeOf('edge'), { to: place, links: 2 });
  await told.until('path.up', 2);
  lines[0]!.forward.faults = { rate: 8e6 };
  lines[1]!.forward.faults = { rate: 1e6 };
  const share = () => lines.map(({ forward }) => forward.counts.passed);
  const begin = share();
  const chunk = Buffer.alloc(64 * 1024);
  for (const _ of upTo(150)) await port.post(chunk);
  await port.send(chunk, { acknowledgement: 'applied' });
  const [fast = 0, slow = 0] = share().map((count, index) => count - begin[index]!);
  expect(slow).toBeGreaterThan(0);
  expect(fast / slow).toBeGreaterThan(2); // In turn it would be 1.
}, 30_000);

test('DP-5 a target that stands still costs its window; all flows when it goes on', async () => {
  const taken: number[] = [];
  let begin = () => {};
  const taker = await takerOf('hall', (port) => {
    begin = () => port.receive(({ length }) => void taken.push(length));
  });
  const windowBytes = 1024 * 1024;
  const { port } = await openPort(await nodeOf('edge'), {
    to: taker.place,
    channels: { main: { windowBytes } },
  });
  const until = performance.now() + stillMs;
  let posted = 0;
  const posting = (async () => {
    while (performance.now() < until) {
      await port.post(Buffer.alloc(1_000));
      posted += 1;
    }
  })();
  await pause(stillMs);
  expect(port.unappliedBytes).toBeLessThan(2 * windowBytes);
  expect(posted).toBeLessThan((2 * windowBytes) / 1_000);
  begin();
  await posting;
  await port.close();
  expect(taken).toHaveLength(posted);
}, 120_000);

test('DP-7 resets leave nothing behind: no descriptor, no memory', async () => {
  const taker = await takerOf('hall', (port) => port.receive(() => {}));
  const { port, told } = await openPort(await nodeOf('edge'), { to: taker.place, links: 2 });
  await told.until('path.up', 2);
  const reset = async (count: number) => {
    for (const number of upTo(count)) {
      told.events.length = 0;
      port.reset(number % 2);
      await told.until('path.up');
      await port.send(numbered(number));
    }
  };
  const figures = () => {
    collect();
    return { sockets: socketCount(), heap: process.memoryUsage().heapUsed };
  };
  await reset(Math.min(100, resets));
  const before = figures();
  await reset(resets);
  await told.until('path.up');
  const after = figures();
  expect(after.sockets - before.sockets).toBeLessThanOrEqual(4);
  expect(after.heap - before.heap).toBeLessThan(16e6);
}, 600_000);
