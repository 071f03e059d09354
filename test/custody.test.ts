/**
 * Goal: whoever takes, gives up or outlives a descriptor on its way, exactly one does so, and it is
 * closed by whom it is left to (CT-7, CT-16).
 * Method: two nodes' custody over one memory, with descriptors of real files, so that a close is
 * seen by the kernel.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { Custody, custodyMemory } from '#internal/transfer/custody';
import { limits } from '#internal/limits';

const [giverIndex, targetIndex] = [0, 1];

function custody() {
  const memory = custodyMemory(2);
  const [giver, target] = [new Custody(memory, giverIndex), new Custody(memory, targetIndex)];
  return { memory, giver, target };
}

/** A descriptor of this process; closed in the end if nobody has. */
function descriptor(): number {
  const opened = openSync('/dev/null', 'r');
  onTestFinished(() => {
    if (isOpen(opened)) closeSync(opened);
  });
  return opened;
}

function isOpen(number: number): boolean {
  try {
    return fstatSync(number).isCharacterDevice();
  } catch {
    return false;
  }
}

/** The slot of an offer that had a place. */
function offered(from: Custody, number: number) {
  const slot = from.offer(number, targetIndex);
  if (slot === undefined) throw new Error('custody is full');
  return slot;
}

test('CT-16 the target that claims what was offered owns it alone', () => {
  const { giver, target } = custody();
  const number = descriptor();
  const slot = offered(giver, number);
  expect(target.claim(slot)).toBe(number);
  expect(target.claim(slot)).toBeUndefined();
  expect(giver.reclaim(slot, false)).toBe(false); // The target was first.
  target.adopt(slot);
  expect(isOpen(number)).toBe(true);
});

test('CT-7 the giver that takes it back closes it, and a late claim finds nothing', () => {
  const { giver, target } = custody();
  const number = descriptor();
  const slot = offered(giver, number);
  expect(giver.reclaim(slot, false)).toBe(true);
  expect(isOpen(number)).toBe(false);
  expect(target.claim(slot)).toBeUndefined();
  expect(giver.inUse).toBe(0);
});

test('CT-7 a claim of one transfer cannot take the descriptor of a later one in its place', () => {
  const { giver, target } = custody();
  const early = offered(giver, descriptor());
  giver.reclaim(early, false);
  const number = descriptor();
  const late = offered(giver, number);
  expect(late).not.toBe(early);
  expect(target.claim(early)).toBeUndefined();
  expect(giver.reclaim(early, true)).toBe(false);
  expect(target.claim(late)).toBe(number);
});

test('CT-7 what a target had claimed that was given up to is closed when the target ends', () => {
  const { giver, target } = custody();
  const number = descriptor();
  const slot = offered(giver, number);
  target.claim(slot);
  expect(giver.reclaim(slot, false)).toBe(false); // It is silent, and not known to have ended.
  giver.targetEnded(giverIndex);
  expect(isOpen(number)).toBe(true);
  giver.targetEnded(targetIndex);
  expect(isOpen(number)).toBe(false);
  expect(giver.inUse).toBe(0);
});

test('CT-7 what a target has adopted is not closed again when it ends', () => {
  const { giver, target } = custody();
  const number = descriptor();
  const slot = offered(giver, number);
  target.claim(slot);
  target.adopt(slot);
  giver.settle(slot);
  giver.targetEnded(targetIndex);
  expect(isOpen(number)).toBe(true);
});

test('CT-7 what a dead target had claimed and not adopted is taken back and closed', () => {
  const { giver, target } = custody();
  const number = descriptor();
  const slot = offered(giver, number);
  target.claim(slot);
  expect(giver.reclaim(slot, true)).toBe(true);
  expect(isOpen(number)).toBe(false);
});

test('CT-7 a number that a dead target has closed, and another has now, is left alone', () => {
  const { giver, target } = custody();
  const number = descriptor();
  const slot = offered(giver, number);
  target.claim(slot);
  closeSync(number);
  const other = openSync('/proc/self/status', 'r');
  onTestFinished(() => closeSync(other));
  expect(other).toBe(number); // The kernel gives the lowest number that is free.
  expect(giver.reclaim(slot, true)).toBe(true);
  expect(() => fstatSync(other)).not.toThrow();
});

test('CT-7 a slot is free again once its target has adopted', () => {
  const { giver, target } = custody();
  const number = descriptor();
  for (let round = 0; round < limits.custodySlotsPerNode * 3; round += 1) {
    const slot = offered(giver, number);
    target.claim(slot);
    if (round % 2 === 0) giver.settle(slot); // The confirmation may come before the mark.
    target.adopt(slot);
    if (round % 2 === 1) giver.settle(slot);
  }
  expect(isOpen(number)).toBe(true);
});

test('CT-7 custody is bounded, and says when it is full', () => {
  const { giver } = custody();
  for (let count = 0; count < limits.custodySlotsPerNode; count += 1) offered(giver, -1);
  expect(giver.offer(-1, targetIndex)).toBeUndefined();
  expect(giver.inUse).toBe(limits.custodySlotsPerNode);
});

test('CT-7 the sweep of a dead giver closes what nobody has taken, and nothing else', () => {
  const { memory, giver, target } = custody();
  const [untaken, taken, adopted] = [descriptor(), descriptor(), descriptor()];
  offered(giver, untaken);
  target.claim(offered(giver, taken));
  const slot = offered(giver, adopted);
  target.claim(slot);
  target.adopt(slot);
  expect(Custody.sweep(memory, Custody.leftBy(memory, giverIndex), () => false)).toBe(1);
  expect([untaken, taken, adopted].map(isOpen)).toEqual([false, true, true]);
  const restarted = new Custody(memory, giverIndex); // Its slots are free, and new ones differ.
  expect(offered(restarted, adopted)).not.toBe(slot);
});

test('CT-7 a giver that is started again leaves alone what has yet to be swept', () => {
  const { memory, giver, target } = custody();
  const [early, late] = [descriptor(), descriptor()];
  const slot = offered(giver, early);
  const left = Custody.leftBy(memory, giverIndex);
  const restarted = new Custody(memory, giverIndex);
  for (let count = 1; count < limits.custodySlotsPerNode; count += 1) offered(restarted, late);
  expect(restarted.offer(late, targetIndex)).toBeUndefined();
  expect(Custody.sweep(memory, left, () => false)).toBe(1);
  expect(isOpen(early)).toBe(false);
  expect(target.claim(slot)).toBeUndefined();
  expect(target.claim(offered(restarted, late))).toBe(late);
});

test('CT-7 what two sweeps were told of is freed once: a later offer there stands', () => {
  const { memory, giver, target } = custody();
  const [early, late] = [descriptor(), descriptor()];
  offered(giver, early);
  const left = Custody.leftBy(memory, giverIndex);
  const again = Custody.leftBy(memory, giverIndex); // It died twice before any survivor read on.
  const restarted = new Custody(memory, giverIndex);
  for (let count = 1; count < limits.custodySlotsPerNode; count += 1) offered(restarted, late);
  Custody.sweep(memory, left, () => false);
  const slot = offered(restarted, late); // The place that was left.
  expect(Custody.sweep(memory, again, () => false)).toBe(0);
  expect(target.claim(slot)).toBe(late);
});

test('CT-7 the sweep takes back what a target had claimed that is dead, too', () => {
  const { memory, giver, target } = custody();
  const number = descriptor();
  target.claim(offered(giver, number));
  expect(Custody.sweep(memory, Custody.leftBy(memory, giverIndex), () => true)).toBe(1);
  expect(isOpen(number)).toBe(false);
});
