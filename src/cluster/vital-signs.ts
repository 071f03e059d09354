/**
 * What each node last said of itself, in shared memory: readable while its thread stands still.
 * Six words a node, of which the first is written last:
 *
 *   0  when, in milliseconds of the system's monotonic clock, modulo 2^31; 0: nothing yet
 *   1  thread   2  clients   3  transfers under way   4  events in mailboxes   5  heap in KiB
 */
import { getHeapStatistics } from 'node:v8';
import { limits } from '../limits.ts';

const wordsPerNode = 6;

/** What a node says of itself. */
export interface Figures {
  readonly threadId: number;
  readonly clients: number;
  readonly transfersUnderway: number;
  /** Events that wait in the mailboxes of its actors. */
  readonly mailboxDepth: number;
  readonly heapBytes: number;
}

export const vitalSignsMemory = (nodeCount: number): SharedArrayBuffer =>
  new SharedArrayBuffer(nodeCount * wordsPerNode * Int32Array.BYTES_PER_ELEMENT);

/** What a node last told of itself, and what can be seen of its thread from outside. */
export interface NodeVitals extends Figures {
  readonly node: string;
  /** How long ago it told: more than 1 000 ms while its event loop stands still. */
  readonly ageMs: number;
  /** The share of the last moments in which its event loop was not idle, 0 to 1. */
  readonly eventLoopUse: number;
  /** By its supervision, since the cluster was started. */
  readonly restarts: number;
}

export class VitalSigns {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** For the node itself: tells now, and then again and again. Returns how to stop. */
  tell(node: number, read: () => Omit<Figures, 'heapBytes'>): () => void {
    const tell = () => this.#write(node, { ...read(), heapBytes: heapBytes() });
    const timer = setInterval(tell, limits.vitalSignsMs).unref();
    tell();
    return () => clearInterval(timer);
  }

  /** The last that was told, and how long ago; `undefined` before a node has begun. */
  read(node: number): { figures: Figures; ageMs: number } | undefined {
    const at = node * wordsPerNode;
    const toldAt = Atomics.load(this.#words, at);
    if (toldAt === 0) return undefined;
    const word = (index: number) => this.#words[at + index] ?? 0;
    const figures = {
      threadId: word(1),
      clients: word(2),
      transfersUnderway: word(3),
      mailboxDepth: word(4),
      heapBytes: word(5) * 1_024,
    };
    return { figures, ageMs: (clock() - toldAt + clockMax) % clockMax };
  }

  /** Its thread has ended. */
  clear(node: number): void {
    Atomics.store(this.#words, node * wordsPerNode, 0);
  }

  #write(node: number, figures: Figures): void {
    const { threadId, clients, transfersUnderway, mailboxDepth, heapBytes: bytes } = figures;
    const at = node * wordsPerNode;
    const heapKib = Math.ceil(bytes / 1_024);
    this.#words.set([threadId, clients, transfersUnderway, mailboxDepth, heapKib], at + 1);
    Atomics.store(this.#words, at, clock());
  }
}

const clockMax = 2 ** 31;

/** All threads of a machine share it, and it does not jump (clock_gettime(2), CLOCK_MONOTONIC). */
const clock = (): number => Number(process.hrtime.bigint() / 1_000_000n) % clockMax || 1;

/** Of the thread that asks. */
export const heapBytes = (): number => getHeapStatistics().used_heap_size;
