/**
 * Custody of descriptors on their way between threads, in shared memory: the one place that says
 * who owns a client while its transfer is committed (DESIGN.md section 4).
 *
 *   word 0  generation << 3 | state     the only word that is swapped
 *   word 1  descriptor                  written before word 0 says `offered`
 *   word 2  identity of its socket      the same
 *   word 3  index of the target node    the same
 *
 *   free → offered → claimed → adopted → free      the target took it
 *          offered → reclaimed → free              the giver, or who outlives it, took it back
 *          claimed → reclaimed → free              only when the target's thread has ended
 *
 * A node's slots are its own: it alone makes them `offered` and `free`, so no lock is needed.
 */
import type { CustodySlot } from '../../actors/vocabulary.ts';
import { closeDescriptor, socketIdentity } from '../io/descriptors.ts';
import { limits } from '../limits.ts';

const wordsPerSlot = 4;
const perNode = limits.custodySlotsPerNode;
const free = 0;
const offered = 1;
const claimed = 2;
const adopted = 3;
const reclaimed = 4;
/** Generations wrap here; a slot would have to be used so often within one transfer's life. */
const generationMax = 2 ** 28;

/** The memory that all nodes of one process share. */
export const custodyMemory = (nodeCount: number): SharedArrayBuffer =>
  new SharedArrayBuffer(nodeCount * perNode * wordsPerSlot * Int32Array.BYTES_PER_ELEMENT);

export class Custody {
  readonly #words: Int32Array;
  readonly #first: number;
  readonly #free: number[];
  /** Slots that the target won and may not have finished with. */
  readonly #passed = new Set<number>();
  /** Slots that an earlier thread of this node left: whoever sweeps them makes them free. */
  readonly #inherited = new Set<number>();

  constructor(memory: SharedArrayBuffer, self: number) {
    this.#words = new Int32Array(memory);
    this.#first = self * perNode;
    const own = Array.from({ length: perNode }, (_, offset) => this.#first + offset);
    // What an earlier thread of this node left may wait for a target that stands still.
    const isFree = (index: number) =>
      (Atomics.load(this.#words, index * wordsPerSlot) & 7) === free;
    this.#free = own.filter(isFree);
    for (const index of own) if (!isFree(index)) this.#inherited.add(index);
  }

  /** Puts a descriptor into the target's reach. `undefined`: all slots are in use. */
  offer(descriptor: number, target: number): CustodySlot | undefined {
    const index = this.#free.pop() ?? this.#recoverPassed();
    if (index === undefined) return undefined;
    const at = index * wordsPerSlot;
    const generation = ((this.#words[at] ?? 0) >>> 3) + 1;
    this.#words[at + 1] = descriptor;
    this.#words[at + 2] = socketIdentity(descriptor);
    this.#words[at + 3] = target;
    // Last: whoever sees `offered` sees the three words above.
    Atomics.store(this.#words, at, wordOf(generation % generationMax, offered));
    return slotOf(index, generation % generationMax);
  }

  /** The target takes what was offered; `undefined`: it came too late. */
  claim(slot: CustodySlot): number | undefined {
    return this.#swap(slot, offered, claimed) ? this.#words[atOf(slot) + 1] : undefined;
  }

  /** The target's socket owns the descriptor now; no one else may close it. */
  adopt(slot: CustodySlot): void {
    this.#swap(slot, claimed, adopted);
  }

  /** The giver takes it back. False: the target was first. */
  reclaim(slot: CustodySlot, isTargetDead: boolean): boolean {
    const kept = this.#takeBack(slot, isTargetDead);
    if (kept) this.#release(indexOf(slot), generationOf(slot));
    else this.settle(slot);
    return kept;
  }

  /** The giver is done with a slot that the target won. */
  settle(slot: CustodySlot): void {
    const index = indexOf(slot);
    if (Atomics.load(this.#words, atOf(slot)) === wordOf(generationOf(slot), adopted)) {
      this.#release(index, generationOf(slot));
    } else {
      this.#passed.add(index);
    }
  }

  /** What a dead giver has left, to be swept once every survivor has read its last words. */
  static leftBy(memory: SharedArrayBuffer, giver: number): readonly CustodySlot[] {
    const words = new Int32Array(memory);
    const all = Array.from({ length: perNode }, (_, offset) => giver * perNode + offset);
    return all.flatMap((index) => {
      const word = Atomics.load(words, index * wordsPerSlot);
      return (word & 7) === free ? [] : slotOf(index, word >>> 3);
    });
  }

  /**
   * A target has ended: what it had claimed, not finished with, and been given up to, is closed. A
   * client would hang on it, for its giver asks no more.
   */
  targetEnded(target: number): void {
    for (const index of this.#passed) {
      const at = index * wordsPerSlot;
      const generation = (this.#words[at] ?? 0) >>> 3;
      if (this.#words[at + 3] !== target || !this.#takeBack(slotOf(index, generation), true)) {
        continue;
      }
      this.#passed.delete(index);
      this.#release(index, generation);
    }
  }

  /**
   * Frees such slots: what was offered is closed unless a target won it. Called by one thread.
   * Returns the number closed.
   */
  static sweep(
    memory: SharedArrayBuffer,
    left: readonly CustodySlot[],
    isDead: (node: number) => boolean,
  ): number {
    const custody = new Custody(memory, 0);
    let closed = 0;
    for (const slot of left) {
      // Of a giver that died twice, another sweep was told of it, too.
      const word = Atomics.load(custody.#words, atOf(slot));
      if ((word & 7) === free || word >>> 3 !== generationOf(slot)) continue;
      const target = custody.#words[atOf(slot) + 3] ?? 0;
      if (custody.#takeBack(slot, isDead(target))) closed += 1;
      custody.#release(indexOf(slot), generationOf(slot));
    }
    return closed;
  }

  /** Offers under way, for tests and health. */
  get inUse(): number {
    return perNode - this.#free.length;
  }

  #takeBack(slot: CustodySlot, isTargetDead: boolean): boolean {
    const at = atOf(slot);
    if (this.#swap(slot, offered, reclaimed)) {
      closeDescriptor(this.#words[at + 1] ?? -1);
      return true;
    }
    if (!isTargetDead || !this.#swap(slot, claimed, reclaimed)) return false;
    // The target died between its claim and its mark. If its socket already owned the descriptor,
    // the thread's end has closed it and the number may be another's: the identity tells.
    const descriptor = this.#words[at + 1] ?? -1;
    if (socketIdentity(descriptor) === this.#words[at + 2]) closeDescriptor(descriptor);
    return true;
  }

  #swap(slot: CustodySlot, from: number, to: number): boolean {
    const generation = generationOf(slot);
    const expected = wordOf(generation, from);
    const found = Atomics.compareExchange(
      this.#words,
      atOf(slot),
      expected,
      wordOf(generation, to),
    );
    return found === expected;
  }

  #release(index: number, generation: number): void {
    Atomics.store(this.#words, index * wordsPerSlot, wordOf(generation, free));
    this.#free.push(index);
  }

  #recoverPassed(): number | undefined {
    for (const index of this.#inherited) {
      if ((Atomics.load(this.#words, index * wordsPerSlot) & 7) !== free) continue;
      this.#inherited.delete(index);
      this.#free.push(index);
    }
    for (const index of this.#passed) {
      const word = Atomics.load(this.#words, index * wordsPerSlot);
      if ((word & 7) !== adopted) continue;
      this.#passed.delete(index);
      this.#release(index, word >>> 3);
    }
    return this.#free.pop();
  }
}

const wordOf = (generation: number, state: number) => (generation << 3) | state;
/** A slot's name carries its generation: a late claim cannot take another transfer's descriptor. */
const slotOf = (index: number, generation: number) =>
  (generation * limits.nodesMax * perNode + index) as CustodySlot;
const indexOf = (slot: CustodySlot) => slot % (limits.nodesMax * perNode);
const generationOf = (slot: CustodySlot) => Math.floor(slot / (limits.nodesMax * perNode));
const atOf = (slot: CustodySlot) => indexOf(slot) * wordsPerSlot;
