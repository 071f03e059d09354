/**
 * A hash table in shared memory, keyed by the 4-tuple of a connection: who owns it now (CT-10's
 * copy, which survives any stack). Open addressing with a bounded probe; one row is 16 words:
 *
 *   0      state: 0 never used, -1 vacated, -(2 + node) being written by it, > 0 its version
 *   1–4    client address, 16 bytes, IPv4 as ::ffff:a.b.c.d
 *   5–8    own address, the same
 *   9      client port << 16 | own port
 *   10     origin << 24 | owner << 16 | VIPA << 8 | carrier, each an index
 *   11     number at the origin          12  epoch
 *   13     index of the relaying node plus 1, or 0 << 24 | hops
 *   14–15  moved at, milliseconds since 1970, low and high word
 *
 * A row has one writer at a time: the connection's owner, or its origin while that is elsewhere;
 * readers see whole rows by the version (a sequence lock). APPEND ONLY: other processes' stacks
 * will read it.
 */
import ipaddr from 'ipaddr.js';
import type { Tuple } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';

const wordsPerRow = 16;
const probesMax = 64;
const neverUsed = 0;
const vacated = -1;
const hopsMask = 0xff_ff_ff;

/** A row's value; nodes, VIPAs and carriers by their index in the cluster's lists. */
export interface TupleRow {
  readonly origin: number;
  readonly owner: number;
  readonly vipa: number;
  readonly carrier: number;
  /** The node that holds the client's own socket; `undefined`: the owner does. */
  readonly relayedBy?: number | undefined;
  readonly number: number;
  readonly epoch: number;
  readonly hops: number;
  readonly movedAtMs: number;
}

export const tupleTableMemory = (rows: number = limits.routesMax): SharedArrayBuffer =>
  new SharedArrayBuffer(rows * wordsPerRow * Int32Array.BYTES_PER_ELEMENT);

export class TupleTable {
  readonly #words: Int32Array;
  readonly #rowCount: number;
  readonly #writing: number;

  constructor(memory: SharedArrayBuffer, self: number) {
    this.#words = new Int32Array(memory);
    this.#rowCount = this.#words.length / wordsPerRow;
    this.#writing = -(2 + self);
  }

  /** Writes or replaces the row of a tuple. False: no place was found, and nothing is written. */
  put(tuple: Tuple, row: TupleRow): boolean {
    const key = keyOf(tuple);
    const at = this.#find(key) ?? this.#vacancy(key);
    if (at === undefined) return false;
    const state = Atomics.load(this.#words, at);
    const version = state > 0 ? state : 0;
    if (Atomics.compareExchange(this.#words, at, state, this.#writing) !== state) return false;
    this.#words.set(key, at + 1);
    this.#words[at + 10] = (row.origin << 24) | (row.owner << 16) | (row.vipa << 8) | row.carrier;
    this.#words[at + 11] = row.number;
    this.#words[at + 12] = row.epoch;
    this.#words[at + 13] = (((row.relayedBy ?? -1) + 1) << 24) | (row.hops & hopsMask);
    this.#words[at + 14] = row.movedAtMs >>> 0;
    this.#words[at + 15] = Math.floor(row.movedAtMs / 2 ** 32);
    Atomics.store(this.#words, at, (version % 2 ** 30) + 1); // Last: it publishes the row.
    return true;
  }

  get(tuple: Tuple): TupleRow | undefined {
    const at = this.#find(keyOf(tuple));
    const found = at === undefined ? undefined : this.#read(at);
    return found && rowOf(found.words);
  }

  /** Vacates the row, if it is still that connection's at that epoch or an earlier one. */
  remove(tuple: Tuple, { origin, number, epoch }: Pick<TupleRow, 'origin' | 'number' | 'epoch'>) {
    const at = this.#find(keyOf(tuple));
    const found = at === undefined ? undefined : this.#read(at);
    if (at === undefined || !found) return;
    const row = rowOf(found.words);
    if (row.origin !== origin || row.number !== number || row.epoch > epoch) return;
    Atomics.compareExchange(this.#words, at, found.version, vacated);
  }

  /** Vacates what a dead node owned or was writing. Returns the number of rows. */
  removeOwnedBy(node: number): number {
    let count = 0;
    for (let at = 0; at < this.#words.length; at += wordsPerRow) {
      const state = Atomics.load(this.#words, at);
      const isIts = state === -(2 + node) || (state > 0 && this.#ownerOf(at) === node);
      if (isIts && Atomics.compareExchange(this.#words, at, state, vacated) === state) count += 1;
    }
    return count;
  }

  /** The rows of clients that others own and this node relays. */
  countRelayedBy(node: number): number {
    let count = 0;
    for (const { row } of this.rows()) if (row.relayedBy === node) count += 1;
    return count;
  }

  /** How many rows of a VIPA each node owns, by index; those of one origin are left out. */
  ownersOf(vipa: number, exceptOrigin: number): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (let at = 0; at < this.#words.length; at += wordsPerRow) {
      if (Atomics.load(this.#words, at) <= 0) continue;
      const word = this.#words[at + 10] ?? 0; // One word is always whole.
      if (word >>> 24 === exceptOrigin || ((word >>> 8) & 0xff) !== vipa) continue;
      const owner = (word >>> 16) & 0xff;
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    return counts;
  }

  /** Every whole row. */
  *rows(): Generator<{ tuple: Tuple; row: TupleRow }> {
    for (let at = 0; at < this.#words.length; at += wordsPerRow) {
      if (Atomics.load(this.#words, at) <= 0) continue;
      const found = this.#read(at);
      if (found) yield { tuple: tupleOf(found.words), row: rowOf(found.words) };
    }
  }

  #ownerOf(at: number): number | undefined {
    const found = this.#read(at);
    return found && rowOf(found.words).owner;
  }

  /** The words of a whole row, and its version. */
  #read(at: number): { words: Uint32Array; version: number } | undefined {
    const version = Atomics.load(this.#words, at);
    if (version <= 0) return undefined;
    const words = new Uint32Array(this.#words.slice(at, at + wordsPerRow));
    // Otherwise it changed while it was read.
    return Atomics.load(this.#words, at) === version ? { words, version } : undefined;
  }

  #find(key: Int32Array): number | undefined {
    const start = hashOf(key);
    for (let probe = 0; probe < probesMax; probe += 1) {
      const at = ((start + probe) % this.#rowCount) * wordsPerRow;
      const state = Atomics.load(this.#words, at);
      if (state === neverUsed) return undefined;
      if (state > 0 && this.#holds(at, key)) return at;
    }
    return undefined;
  }

  /** From the ports on, in which tuples differ first. */
  #holds(at: number, key: Int32Array): boolean {
    for (let index = 8; index >= 0; index -= 1) {
      if (this.#words[at + 1 + index] !== key[index]) return false;
    }
    return true;
  }

  #vacancy(key: Int32Array): number | undefined {
    const start = hashOf(key);
    for (let probe = 0; probe < probesMax; probe += 1) {
      const at = ((start + probe) % this.#rowCount) * wordsPerRow;
      const state = Atomics.load(this.#words, at);
      if (state === neverUsed || state === vacated) return at;
    }
    return undefined;
  }
}

function rowOf(words: Uint32Array): TupleRow {
  const word = (index: number) => words[index] ?? 0;
  return {
    origin: word(10) >>> 24,
    owner: (word(10) >>> 16) & 0xff,
    vipa: (word(10) >>> 8) & 0xff,
    carrier: word(10) & 0xff,
    number: word(11),
    epoch: word(12),
    relayedBy: word(13) >>> 24 === 0 ? undefined : (word(13) >>> 24) - 1,
    hops: word(13) & hopsMask,
    movedAtMs: word(15) * 2 ** 32 + word(14),
  };
}

/** Apart from the row: to write addresses out takes longer than all else that is read of it. */
function tupleOf(words: Uint32Array): Tuple {
  const ports = words[9] ?? 0;
  return {
    clientAddress: addressOf(words.subarray(1, 5)),
    clientPort: ports >>> 16,
    address: addressOf(words.subarray(5, 9)),
    port: ports & 0xffff,
  };
}

/** Words 1 to 9 of a row. */
function keyOf(tuple: Tuple): Int32Array {
  const key = new Int32Array(9);
  key.set(wordsOf(tuple.clientAddress), 0);
  key.set(wordsOf(tuple.address), 4);
  key[8] = (tuple.clientPort << 16) | tuple.port;
  return key;
}

/** Addresses come again and again; parsing one takes longer than the rest of a look-up. */
const knownWords = new Map<string, Int32Array>();
const knownWordsMax = 1_024;

function wordsOf(address: string): Int32Array {
  const known = knownWords.get(address);
  if (known) return known;
  if (knownWords.size >= knownWordsMax) knownWords.clear();
  const words = parseWords(address);
  knownWords.set(address, words);
  return words;
}

function parseWords(address: string): Int32Array {
  const parsed = ipaddr.parse(address);
  const six = parsed instanceof ipaddr.IPv4 ? parsed.toIPv4MappedAddress() : parsed;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = six.parts;
  return Int32Array.of((a << 16) | b, (c << 16) | d, (e << 16) | f, (g << 16) | h);
}

function addressOf(words: Uint32Array): string {
  const parts = [...words].flatMap((word) => [word >>> 16, word & 0xffff]);
  const six = new ipaddr.IPv6(parts);
  return six.isIPv4MappedAddress() ? six.toIPv4Address().toString() : six.toString();
}

/** FNV-1a over the key's words, folded once more so that near ports lie far apart. */
function hashOf(key: Int32Array): number {
  let hash = 0x811c9dc5;
  for (const word of key) hash = Math.imul(hash ^ word, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
