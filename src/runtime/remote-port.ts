/**
 * What stands for a message port where the peer is in another process: parcels leave in numbered
 * parts, each a reliable message, so many under way at once; the other end puts them in order. A
 * part that cannot be delivered ends the port, as a thread's end closes its ports.
 */
import { EventEmitter } from 'node:events';
import { deserialize, serialize } from 'node:v8';
import type { NodeId } from '../../actors/vocabulary.ts';
import { sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { encodeLinkWord, type OrderedWord } from '../wire/link-word.ts';
import type { Parcel } from './link.ts';

export interface RemotePortOptions {
  readonly peer: NodeId;
  readonly session: number;
  /** Settles when the peer has the message. Rejects when it is given up. */
  readonly send: (bytes: Buffer) => Promise<void>;
  /** Called once: `reason` is `undefined` when the peer, or this end, said that it is over. */
  readonly onOver: (reason: string | undefined) => void;
}

export class RemotePort extends EventEmitter<{ message: [Parcel]; close: [] }> {
  readonly session: number;
  readonly #options: RemotePortOptions;
  /** The other end's session; 0 while it is not known. */
  #peerSession = 0;
  /** Parts and an end that wait for their turn, and how many bytes they are. */
  readonly #waiting: OrderedWord[] = [];
  #waitingBytes = 0;
  /** By number, the earliest first: how far later ones may run ahead is counted from it. */
  readonly #underway = new Set<number>();
  #lastSent = 0;
  /** What came before its turn, by number. */
  readonly #early = new Map<number, OrderedWord>();
  #nextHeard = 1;
  #chunks: Uint8Array[] = [];
  #chunkBytes = 0;
  #isEnding = false;
  #isOver = false;
  #onFlushed: (() => void) | undefined;

  constructor(options: RemotePortOptions) {
    super();
    this.session = options.session;
    this.#options = options;
  }

  get peerSession(): number {
    return this.#peerSession;
  }

  /** The other end is known: what waits for it leaves. */
  establish(peerSession: number): void {
    this.#peerSession = peerSession;
    this.#pump();
  }

  postMessage(parcel: Parcel): void {
    if (this.#isEnding || this.#isOver) return; // As with a port that is closed.
    const whole = serialize(parcel);
    for (let at = 0; at < whole.length; at += limits.linkPartBytes) {
      const bytes = whole.subarray(at, at + limits.linkPartBytes);
      this.#wait({ kind: 'part', isLast: at + bytes.length === whole.length, bytes });
    }
    if (this.#waitingBytes > limits.linkWaitingBytesMax) this.fail('too much waits for it');
    else this.#pump();
  }

  /** Says, after all that was posted, that it is over. */
  close(): void {
    if (this.#isEnding || this.#isOver) return;
    this.#wait({ kind: 'end' });
    this.#isEnding = true;
    this.#pump();
  }

  /** Settles when the peer has all that was posted, or the port is over. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isOver) resolve();
      this.#onFlushed = resolve;
      this.#look();
    });
  }

  /** What the other end says of this session. */
  take(word: OrderedWord): void {
    if (this.#isOver || word.number < this.#nextHeard) return;
    if (word.number >= this.#nextHeard + limits.linkPartsUnderwayMax) {
      this.fail('it sent more at once than is allowed');
      return;
    }
    this.#early.set(word.number, word);
    for (let next = this.#early.get(this.#nextHeard); next && !this.#isOver;) {
      this.#early.delete(this.#nextHeard);
      this.#nextHeard += 1;
      this.#accept(next);
      next = this.#early.get(this.#nextHeard);
    }
  }

  /** It is over, and what was not delivered is lost. */
  fail(reason: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.length = 0;
    this.#early.clear();
    this.#chunks = [];
    this.#onFlushed?.();
    this.emit('close');
    this.#options.onOver(reason);
  }

  #accept(word: OrderedWord): void {
    if (word.kind === 'end') {
      this.fail(undefined);
      return;
    }
    this.#chunks.push(word.bytes);
    this.#chunkBytes += word.bytes.length;
    if (this.#chunkBytes > limits.linkParcelBytesMax) {
      this.fail('a parcel of it is too long');
      return;
    }
    if (!word.isLast) return;
    const whole = this.#chunks.length === 1 ? word.bytes : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#chunkBytes = 0;
    const parcel = parcelOf(whole);
    if (parcel === undefined) this.fail('a parcel of it could not be read');
    else this.emit('message', parcel);
  }

  #wait(word: { kind: 'end' } | { kind: 'part'; isLast: boolean; bytes: Uint8Array }): void {
    this.#lastSent += 1;
    this.#waiting.push({ session: this.session, to: 0, number: this.#lastSent, ...word });
    if (word.kind === 'part') this.#waitingBytes += word.bytes.length;
  }

  #pump(): void {
    if (this.#peerSession === 0) return;
    for (let next = this.#waiting[0]; next && this.#mayLeave(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      if (next.kind === 'part') this.#waitingBytes -= next.bytes.length;
      this.#underway.add(next.number);
      void this.#send({ ...next, to: this.#peerSession });
    }
    this.#look();
  }

  #mayLeave({ number }: OrderedWord): boolean {
    const [earliest = number] = this.#underway;
    return number < earliest + limits.linkPartsUnderwayMax;
  }

  async #send(word: OrderedWord): Promise<void> {
    try {
      await this.#options.send(encodeLinkWord(word));
      this.#underway.delete(word.number);
      this.#pump();
    } catch (error) {
      this.fail(sentenceOf(error));
    }
  }

  #look(): void {
    if (this.#waiting.length > 0 || this.#underway.size > 0) return;
    if (this.#isEnding) this.fail(undefined);
    else this.#onFlushed?.();
  }
}

/** Only who has the cluster's key can send one; what cannot be read is still no reason to throw. */
function parcelOf(bytes: Uint8Array): Parcel | undefined {
  try {
    const parcel: unknown = deserialize(bytes);
    return typeof parcel === 'string' || Array.isArray(parcel) ? (parcel as Parcel) : undefined;
  } catch {
    return undefined; // The caller ends the link with a reason.
  }
}
