/**
 * Goal: a dirty map never says less in its file than is missing, and a backlog has what comes after
 * any number from its start on, in its bounds (DP-10).
 * Method: random marks, clears, trims and readings anew, beside a plain set; random writes and
 * acknowledgements, beside a plain list.
 */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Backlog } from '#internal/data-port/mirror-backlog';
import { DirtyMap } from '#internal/data-port/mirror-map';
import { decode, encode, kinds, readWords, wordsOf } from '#internal/data-port/mirror-wire';
import { expect, onTestFinished, test } from 'vitest';
import { randomOf } from './support/random.ts';

const blockBytes = 4_096;
const blocks = 500;

function pathOfMap(): string {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-map-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'hall.dirty');
}

const markedIn = (map: DirtyMap) => {
  const marked: number[] = [];
  for (let block = map.next(0); block >= 0; block = map.next(block + 1)) marked.push(block);
  return marked;
};

/** What a process would find that begins now. */
async function foundIn(path: string): Promise<Set<number>> {
  const map = await DirtyMap.read(path, blockBytes, false);
  const found = new Set(map && markedIn(map));
  await map?.close();
  return found;
}

test('DP-10 whenever it is read anew, all that is missing is marked', async () => {
  const path = pathOfMap();
  const map = await DirtyMap.create(path, blockBytes, false);
  const missing = new Set<number>();
  const random = randomOf(3);
  for (let step = 0; step < 600; step += 1) {
    const first = random.below(blocks);
    const choice = random.below(10);
    if (choice < 5) {
      const last = Math.min(blocks - 1, first + random.below(12));
      await map.mark(first, last);
      for (let block = first; block <= last; block += 1) missing.add(block);
    } else if (choice < 9) {
      map.clear(first);
      missing.delete(first);
    } else await map.trim();
    const expected = [...missing].toSorted((one, other) => one - other);
    expect(markedIn(map)).toEqual(expected);
    expect(map.count).toBe(missing.size);
    if (step % 20 !== 0) continue;
    const found = await foundIn(path);
    expect([...missing].filter((block) => !found.has(block))).toEqual([]);
  }
  await map.trim();
  expect(await foundIn(path)).toEqual(missing);
  await map.close();
});

test('DP-10 a map that is damaged, or of other blocks, is none', async () => {
  const path = pathOfMap();
  expect(await DirtyMap.read(path, blockBytes, false)).toBeUndefined();
  const map = await DirtyMap.create(path, blockBytes, false);
  await map.mark(1, 9);
  await map.close();
  expect(await DirtyMap.read(path, 2 * blockBytes, false)).toBeUndefined();
  truncateSync(path, 7);
  expect(await DirtyMap.read(path, blockBytes, false)).toBeUndefined();
  writeFileSync(path, 'something else, of some length');
  expect(await DirtyMap.read(path, blockBytes, false)).toBeUndefined();
});

test('DP-10 a backlog gives what comes after any number since its start, in its bounds', () => {
  const random = randomOf(5);
  const bytesMax = 2_000;
  const backlog = new Backlog(bytesMax, 0);
  const sent: number[] = [];
  const whole: number[] = [];
  let applied = 0;
  for (let sequence = 1; sequence <= 3_000; sequence += 1) {
    const block = random.below(20);
    const message = Buffer.alloc(1 + random.below(100));
    backlog.add({ sequence, message, first: block, last: block });
    sent.push(block);
    if (backlog.isFull || random.below(4) === 0) {
      applied += random.below(sequence - applied + 1);
      if (backlog.isFull) applied = sequence;
      backlog.apply(applied, (done) => whole.push(done));
    }
    expect(whole.splice(0).filter((done) => sent.slice(applied).includes(done))).toEqual([]);
    expect(backlog.bytes).toBeLessThan(bytesMax + 200);
    expect(backlog.start).toBeLessThanOrEqual(applied);
    if (random.below(50) !== 0) continue;
    const at = backlog.start + random.below(sequence - backlog.start + 1);
    const rest = backlog.rewind(at).map((entry) => entry.sequence);
    expect(rest).toEqual(Array.from({ length: sequence - at }, (_, index) => at + index + 1));
    applied = at;
  }
});

test('DP-10 a block is not there before the rest of it is', () => {
  const backlog = new Backlog(10_000, 0);
  const done: number[] = [];
  const message = Buffer.alloc(10);
  backlog.add({ sequence: 1, message, first: 3, last: 4, missing: new Set([3]) });
  expect([backlog.isUnderWay(3), backlog.isUnderWay(4)]).toEqual([false, true]);
  backlog.apply(1, (block) => done.push(block));
  expect(done).toEqual([4]);
  backlog.drop(1);
  expect([backlog.start, backlog.bytes, backlog.rewind(1)]).toEqual([1, 0, []]);
});

test('DP-10 what is applied while a block is being written again does not make it whole', () => {
  const backlog = new Backlog(10_000, 0);
  const done: number[] = [];
  backlog.add({ sequence: 1, message: Buffer.alloc(10), first: 3, last: 4 });
  backlog.reserve({ sequence: 2, first: 3, last: 3 });
  backlog.apply(1, (block) => done.push(block));
  expect(done).toEqual([4]);
  backlog.add({ sequence: 2, message: Buffer.alloc(10), first: 3, last: 3 });
  backlog.apply(2, (block) => done.push(block));
  expect(done).toEqual([4, 3]);
});

test('DP-10 a message that is not one is refused with a code', () => {
  const random = randomOf(11);
  const good = encode(kinds.write, { session: 7, sequence: 9, offset: 3 }, Buffer.from('abc'));
  expect(decode(good)).toMatchObject({ kind: 4, session: 7, sequence: 9, offset: 3 });
  const codes = new Set<string>();
  const attempt = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      codes.add((error as { code: string }).code);
    }
  };
  for (let round = 0; round < 2_000; round += 1) {
    const bad = Buffer.from(good.subarray(0, random.below(good.length + 1)));
    for (let count = random.below(6); count > 0 && bad.length > 0; count -= 1) {
      bad.writeUInt8(random.below(256), random.below(bad.length));
    }
    attempt(() => decode(bad));
    attempt(() => readWords(bad, { lineage: '' }));
  }
  attempt(() => readWords(wordsOf({ lineage: 7 }), { lineage: '' }));
  attempt(() => readWords(wordsOf({ applied: -1 }), { applied: 0 }));
  expect([...codes]).toEqual(['IPX_MIRROR_MESSAGE']);
});
