/**
 * What stands for a message port where the peer is in another process: parcels leave in parts, each
 * a reliable message, which arrive in the order sent; so many are under way at once. A part that
 * cannot be delivered ends the port, as a thread's end closes its ports.
 */
import { EventEmitter } from 'node:events';
import { deserialize, serialize } from 'node:v8';
import { sentenceOf } from '../errors.ts';
import { Fifo } from '../fifo.ts';
import { limits } from '../limits.ts';
import { encodeLinkWord, type SpokenWord } from '../wire/link-word.ts';
import type { Parcel } from './link.ts';

export interface RemotePortOptions {
  readonly session: number;
  /** Settles when the peer has the message, in the order of the calls. Rejects when given up. */
  readonly send: (bytes: Buffer) => Promise<void>;
  /** Called once: `reason` is `undefined` when the peer, or this end, said that it is over. */
  readonly onOver: (reason: string | undefined) => void;
}

/** What waits for its turn: a part of a parcel, or the end. */
type Waiting = { kind: 'end' } | { kind: 'part'; isLast: boolean; bytes: Uint8Array };

export class RemotePort extends EventEmitter<{ message: [Parcel]; close: [] }> {
  readonly session: number;
  readonly #options: RemotePortOptions;
  /** The other end's session; 0 while it is not known. */
  #peerSession = 0;
  readonly #waiting = new Fifo<Waiting>();
  #waitingBytes = 0;
  #underway = 0;
  /** Of the parcel that is coming in. */
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
    this.#waitingBytes += whole.length;
    for (let at = 0; at < whole.length; at += limits.linkPartBytes) {
      const bytes = whole.subarray(at, at + limits.linkPartBytes);
      this.#waiting.push({ kind: 'part', isLast: at + bytes.length === whole.length, bytes });
    }
    if (this.#waitingBytes > limits.linkWaitingBytesMax) this.fail('too much waits for it');
    else this.#pump();
  }

  /** Says, after all that was posted, that it is over. */
  close(): void {
    if (this.#isEnding || this.#isOver) return;
    this.#isEnding = true;
    this.#waiting.push({ kind: 'end' });
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
  take(word: SpokenWord): void {
    if (this.#isOver) return;
    if (word.kind !== 'part') {
      this.fail(undefined);
      return;
    }
    this.#chunks.push(word.bytes);
    this.#chunkBytes += word.bytes.length;
    if (this.#chunkBytes > limits.linkParcelBytesMax) this.fail('a parcel of it is too long');
    else if (word.isLast) this.#complete();
  }

  /** It is over, and what was not delivered is lost. */
  fail(reason: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.takeAll();
    this.#chunks = [];
    this.#onFlushed?.();
    this.emit('close');
    this.#options.onOver(reason);
  }

  #complete(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#chunkBytes = 0;
    const parcel = parcelOf(whole);
    if (parcel === undefined) this.fail('a parcel of it could not be read');
    else this.emit('message', parcel);
  }

  #pump(): void {
    while (this.#peerSession !== 0 && this.#underway < limits.linkPartsUnderwayMax) {
      const next = this.#waiting.shift();
      if (!next) break;
      if (next.kind === 'part') this.#waitingBytes -= next.bytes.length;
      this.#underway += 1;
      void this.#send(next);
    }
    this.#look();
  }

  async #send(waiting: Waiting): Promise<void> {
    const word: SpokenWord = { session: this.session, to: this.#peerSession, ...waiting };
    try {
      await this.#options.send(encodeLinkWord(word));
      this.#underway -= 1;
      this.#pump();
    } catch (error) {
      this.fail(sentenceOf(error));
    }
  }

  #look(): void {
    if (this.#waiting.length > 0 || this.#underway > 0) return;
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
