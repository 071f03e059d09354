/**
 * Goal: a mirrored file is on another node byte by byte, in the order of its writes, and after an
 * outage only what was missed is sent (DP-10).
 * Method: nodes in this thread over real sockets and files; lines that are cut; what was sent is
 * counted, and files are compared by the mirror and by the test.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdirSync, openSync, closeSync, writeSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mirrorFile, receiveMirrors, type Mirror, type MirrorOptions } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import { nodeOf } from '../support/data-port/nodes.ts';
import { TcpProxy } from '../support/faults/tcp-proxy.ts';
import { prefixOf, slotOf } from '../support/mirror/numbered-file.ts';
import { randomOf } from '../support/random.ts';

const blockBytes = 4_096;

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-mirror-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function sourceOf(bytes: Buffer | string): string {
  const file = join(folderOf(), 'volume');
  writeFileSync(file, bytes);
  return file;
}

/** A node that receives mirrors, behind a line. */
async function targetOf(id: string) {
  const node = await nodeOf(id);
  const into = folderOf();
  const target = await receiveMirrors(node, { into });
  const line = await TcpProxy.start({ server: target.addresses[0]! });
  onTestFinished(async () => {
    await line.stop();
    await target.close();
  });
  return {
    node,
    target,
    line,
    into,
    replica: join(into, 'volume'),
    place: { node: id, ...line.front },
  };
}

async function mirrorOf(options: MirrorOptions): Promise<Mirror> {
  const mirror = await mirrorFile(await nodeOf('source'), { blockBytes, links: 1, ...options });
  onTestFinished(() => mirror.close());
  return mirror;
}

/** Settles when the mirror says so. */
const until = (mirror: Mirror, type: string) =>
  new Promise<void>((resolve) => {
    const stop = mirror.register({
      onEvent: (event) => {
        if (event.type !== type) return;
        stop();
        resolve();
      },
    });
  });

const random = randomOf(10);
const randomBytes = (length: number) =>
  Buffer.from(Array.from({ length }, () => random.below(256)));
const areEqual = (one: string, other: string) => readFileSync(one).equals(readFileSync(other));

test('DP-10 a file is copied, then each write goes, in order, while it is verified', async () => {
  const { replica, place } = await targetOf('hall');
  const file = sourceOf(randomBytes(100_000));
  const mirror = await mirrorOf({ file, to: place });
  await mirror.whenLevel();
  expect(areEqual(file, replica)).toBe(true);
  const writes = Array.from({ length: 500 }, () =>
    mirror.write(random.below(150_000), randomBytes(1 + random.below(6_000))),
  );
  const verified = await mirror.verify();
  await Promise.all(writes);
  await mirror.truncate(60_000);
  await mirror.write(70_000, randomBytes(10));
  await mirror.flush();
  expect(verified).toMatchObject({ isEqual: true, ranges: [] });
  expect(areEqual(file, replica)).toBe(true);
  expect(mirror.figures.copiedBytes).toBe(25 * blockBytes);
});

test('DP-10 after a short outage only the writes of the gap go, from the backlog', async () => {
  const { line, replica, place } = await targetOf('hall');
  const file = sourceOf(randomBytes(500_000));
  const mirror = await mirrorOf({ file, to: place });
  await mirror.whenLevel();
  const { copiedBytes } = mirror.figures;
  line.greeting = 'refuse';
  const lost = until(mirror, 'mirror.interrupted');
  line.reset();
  await lost;
  for (let number = 0; number < 100; number += 1)
    await mirror.write(number * 3_000, randomBytes(50));
  line.greeting = 'connect';
  await mirror.flush();
  expect(areEqual(file, replica)).toBe(true);
  expect(mirror.figures.copiedBytes).toBe(copiedBytes);
  expect(mirror.figures.resentBytes).toBeLessThanOrEqual(100 * (50 + 24));
});

test('DP-10 after a long one only the blocks that have changed go, by the map', async () => {
  const { line, replica, place } = await targetOf('hall');
  const file = sourceOf(randomBytes(500_000));
  const mirror = await mirrorOf({ file, to: place, backlogBytes: 8_192 });
  await mirror.whenLevel();
  const { copiedBytes } = mirror.figures;
  line.greeting = 'refuse';
  const lost = until(mirror, 'mirror.interrupted');
  line.reset();
  await lost;
  for (let number = 0; number < 400; number += 1) {
    await mirror.write((number % 10) * 5 * blockBytes, randomBytes(blockBytes));
  }
  line.greeting = 'connect';
  await mirror.flush();
  expect(areEqual(file, replica)).toBe(true);
  expect(mirror.figures.copiedBytes - copiedBytes).toBe(10 * blockBytes);
});

test('DP-10 a source that is begun again copies what it had marked, and no more', async () => {
  const { line, replica, place } = await targetOf('hall');
  const file = sourceOf(randomBytes(400_000));
  const first = await mirrorOf({ file, to: place });
  await first.whenLevel();
  line.greeting = 'refuse';
  const lost = until(first, 'mirror.interrupted');
  line.reset();
  await lost;
  await first.write(0, randomBytes(10));
  await first.write(200_000, randomBytes(10));
  await first.close();
  line.greeting = 'connect';
  const second = await mirrorOf({ file, to: place });
  await second.whenLevel();
  expect(areEqual(file, replica)).toBe(true);
  expect(second.figures.copiedBytes).toBe(2 * blockBytes);
});

test('DP-10 a backup that stands in is brought level, and the first target after it', async () => {
  const [one, two] = [await targetOf('hall-1'), await targetOf('hall-2')];
  const file = sourceOf(randomBytes(300_000));
  const mirror = await mirrorOf({ file, to: one.place, backups: [two.place] });
  await mirror.whenLevel();
  one.line.greeting = 'refuse';
  one.line.reset();
  await mirror.write(1_000, randomBytes(100));
  while (mirror.figures.target !== 'hall-2') await until(mirror, 'mirror.level');
  await mirror.flush();
  expect(areEqual(file, two.replica)).toBe(true);
  const { copiedBytes } = mirror.figures;
  await mirror.write(250_000, randomBytes(100));
  await mirror.flush();
  one.line.greeting = 'connect';
  const level = until(mirror, 'mirror.level');
  expect(await mirror.failback()).toBe('hall-1');
  await level;
  await mirror.flush();
  expect(areEqual(file, one.replica)).toBe(true);
  expect(mirror.figures.copiedBytes - copiedBytes).toBeLessThanOrEqual(2 * blockBytes);
});

test('DP-10 begun at a backup it goes to the first target once that is there', async () => {
  const [one, two] = [await targetOf('hall-1'), await targetOf('hall-2')];
  one.line.greeting = 'refuse';
  const file = sourceOf(randomBytes(100_000));
  const mirror = await mirrorOf({ file, to: one.place, backups: [two.place] });
  await mirror.whenLevel();
  expect(mirror.figures.target).toBe('hall-2');
  await expect(mirror.failback()).rejects.toMatchObject({ code: 'IPX_PORT_UNREACHABLE' });
  await mirror.write(50_000, randomBytes(100));
  await mirror.flush();
  expect([mirror.figures.target, areEqual(file, two.replica)]).toEqual(['hall-2', true]);
  one.line.greeting = 'connect';
  const level = until(mirror, 'mirror.level');
  expect(await mirror.failback()).toBe('hall-1');
  await level;
  await mirror.flush();
  expect(areEqual(file, one.replica)).toBe(true);
});

test('DP-10 a file that others write is looked at, and is level once it stands still', async () => {
  const { replica, place } = await targetOf('hall');
  const file = sourceOf(randomBytes(200_000));
  const mirror = await mirrorOf({ file, to: place, watch: true });
  await mirror.whenLevel();
  const { copiedBytes } = mirror.figures;
  const level = until(mirror, 'mirror.level');
  const other = openSync(file, 'r+');
  writeSync(other, 'written by another', 100_000);
  closeSync(other);
  appendFileSync(file, 'and longer');
  await level;
  expect(areEqual(file, replica)).toBe(true);
  expect(mirror.figures.copiedBytes - copiedBytes).toBeLessThanOrEqual(6 * blockBytes);
});

test('DP-10 a verification tells where the sides differ', async () => {
  const { replica, place } = await targetOf('hall');
  const file = sourceOf(randomBytes(100_000));
  const mirror = await mirrorOf({ file, to: place });
  await mirror.whenLevel();
  const other = openSync(replica, 'r+');
  writeSync(other, 'rot', 3 * blockBytes + 7);
  writeSync(other, 'rot', 4 * blockBytes);
  writeSync(other, 'rot', 9 * blockBytes);
  closeSync(other);
  const { isEqual, ranges } = await mirror.verify();
  expect(isEqual).toBe(false);
  expect(ranges).toEqual([
    { offset: 3 * blockBytes, length: 2 * blockBytes },
    { offset: 9 * blockBytes, length: blockBytes },
  ]);
});

test('DP-10 each write is there, in order, however often the line breaks', async () => {
  const { line, replica, place } = await targetOf('hall');
  const file = sourceOf('');
  const mirror = await mirrorOf({ file, to: place, backlogBytes: 32_768 });
  await mirror.whenLevel();
  for (let number = 1; number <= 2_000; number += 1) {
    const { offset, bytes } = slotOf(number);
    await mirror.write(offset, bytes);
    if (number % 400 === 0) line.reset();
  }
  await mirror.flush();
  expect(prefixOf(file)).toBe(2_000);
  expect(prefixOf(replica)).toBe(2_000);
});

test('DP-10 what cannot be mirrored is refused with a code that says why', async () => {
  const { target, replica, into, place } = await targetOf('hall');
  const node = await nodeOf('source');
  const file = sourceOf('bytes');
  const refusal = (options: Partial<MirrorOptions>) =>
    mirrorFile(node, { file, to: place, links: 1, ...options }).then(
      () => 'none',
      ({ code }: { code: string }) => code,
    );
  expect(await refusal({ file: join(folderOf(), 'none') })).toBe('IPX_MIRROR_SOURCE');
  expect(await refusal({ file: folderOf() })).toBe('IPX_MIRROR_SOURCE');
  expect(await refusal({ to: 'nowhere' })).toBe('IPX_NODE_UNKNOWN');
  expect(await refusal({ service: 'none' })).toBe('IPX_SERVICE_UNKNOWN');
  expect(await refusal({ blockBytes: 5_000 })).toBe('IPX_OPTION_INVALID');
  writeFileSync(replica, 'of somebody else');
  expect(await refusal({})).toBe('IPX_MIRROR_FOREIGN');
  expect(readFileSync(replica, 'utf8')).toBe('of somebody else');
  const mirror = await mirrorOf({ file, to: place, full: true });
  await mirror.whenLevel();
  expect(await refusal({})).toBe('IPX_MIRROR_HELD');
  expect(readFileSync(replica, 'utf8')).toBe('bytes');
  await expect(mirror.write(-1, Buffer.alloc(1))).rejects.toMatchObject({
    code: 'IPX_OPTION_INVALID',
  });
  await expect(mirror.write(0, Buffer.alloc(2 ** 21))).rejects.toMatchObject({
    code: 'IPX_MESSAGE_LIMIT',
  });
  await mirror.close();
  await expect(mirror.write(0, Buffer.alloc(1))).rejects.toMatchObject({
    code: 'IPX_MIRROR_CLOSED',
  });
  expect(target.addresses).toHaveLength(1);
  expect(into).not.toBe('');
});

test('DP-10 a target that cannot keep the replica says so, and nothing is applied', async () => {
  const { replica, place } = await targetOf('hall');
  mkdirSync(replica); // There is a folder in the place of the file.
  chmodSync(replica, 0o700);
  const file = sourceOf('bytes');
  const refused = mirrorFile(await nodeOf('source'), { file, to: place, links: 1 });
  await expect(refused).rejects.toMatchObject({ code: 'IPX_MIRROR_REPLICA' });
});
