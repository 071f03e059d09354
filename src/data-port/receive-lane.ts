/**
 * What one lane of a channel receives: each frame once, in the order that its channel promises, and
 * how far the application is with it (DP-6). A frame that came before, over another path, is known
 * by its sequence number.
 */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { giveBody } from '../wire/body-pool.ts';
import { frameFlags, type FrameHead } from '../wire/frame.ts';
import { Assembly } from './assembly.ts';
import type { ChannelKind } from './channels.ts';
import { Contiguous } from './contiguous.ts';
import { Fifo } from '../fifo.ts';

/** Messages that are ready for the application: those of one frame, or one of several frames. */
interface Ready {
  readonly body: Buffer;
  readonly isPacked: boolean;
  readonly isEnd: boolean;
  readonly isReplayed: boolean;
  readonly first: number;
  readonly frames: number;
}
interface Arrival {
  readonly head: FrameHead;
  readonly body: Buffer;
}

const wrong = (reason: string) => new InterplexError('IPX_FRAME_INVALID', reason);

export class ReceiveLane {
  readonly stream: number;
  readonly #kind: ChannelKind;
  #come = new Contiguous();
  #applied = new Contiguous();
  readonly #early = new Map<number, Arrival>();
  #assembly = new Assembly();
  readonly #ready = new Fifo<Ready>();
  #taken: Ready | undefined;
  #at = 0;
  #delivered = 0;
  #newest = -1;
  #newestApplied = -1;
  #isEnded = false;

  constructor(stream: number, kind: ChannelKind) {
    this.stream = stream;
    this.#kind = kind;
  }

  /** All frames below it have come. An older one of a `latest` lane is as good as received. */
  get received(): number {
    return this.#kind === 'latest' ? this.#newest + 1 : this.#come.next;
  }

  /** The application is done with all frames below it. */
  get applied(): number {
    return this.#kind === 'latest' ? this.#newestApplied + 1 : this.#applied.next;
  }

  /** Whether the message that was taken last came marked: an earlier target may have applied it. */
  get isReplayed(): boolean {
    return this.#taken?.isReplayed ?? false;
  }

  /** The other side has said that nothing follows, and all before that was taken. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Throws IPX_FRAME_INVALID or IPX_FRAME_LIMIT. */
  accept(head: FrameHead, body: Buffer): void {
    const { sequence, flags } = head;
    if ((flags & frameFlags.fragment) === 0) requirePacked(body, head.total);
    if (this.#kind === 'latest') {
      this.#acceptNewest(head, body);
      return;
    }
    if (this.#come.has(sequence)) {
      giveBody(body);
      return;
    }
    if (sequence >= this.#come.next + limits.framesAheadMax) {
      throw new InterplexError('IPX_FRAME_LIMIT', `Frame ${sequence} is too far ahead.`);
    }
    this.#come.add(sequence);
    if (this.#kind === 'unordered') {
      this.#admit(head, body);
      return;
    }
    if (sequence !== this.#delivered) {
      this.#early.set(sequence, { head, body });
      return;
    }
    this.#admit(head, body);
    this.#delivered += 1;
    for (let next = this.#early.get(this.#delivered); next;) {
      this.#early.delete(this.#delivered);
      this.#admit(next.head, next.body);
      this.#delivered += 1;
      next = this.#early.get(this.#delivered);
    }
  }

  /** The next message, or `undefined`. The one before it is applied, or is never to be. */
  take(): Buffer | undefined {
    while (!this.#taken) {
      const taken = this.#ready.shift();
      if (!taken) return undefined;
      this.#taken = taken;
      this.#at = 0;
      if (taken.isEnd) this.#isEnded = true;
      if (taken.isPacked && taken.body.length === 0) this.apply(false);
    }
    const { body, isPacked } = this.#taken;
    if (!isPacked) return body;
    const begin = this.#at + 4;
    this.#at = begin + body.readUInt32LE(this.#at);
    return body.subarray(begin, this.#at);
  }

  /** The application is done with the message that was taken last; lent, its bytes too. */
  apply(isLent: boolean): void {
    const taken = this.#taken;
    if (!taken || (taken.isPacked && this.#at < taken.body.length)) return;
    this.#taken = undefined;
    if (isLent) giveBody(taken.body);
    const { first, frames } = taken;
    if (frames === 0) return; // Of a target before this one.
    this.#newestApplied = Math.max(this.#newestApplied, first + frames - 1);
    if (this.#kind === 'latest') return;
    for (let sequence = first; sequence < first + frames; sequence += 1)
      this.#applied.add(sequence);
  }

  /** Another target numbers anew. What is ready stays so; nobody waits to hear of it. */
  restart(): void {
    this.#come = new Contiguous();
    this.#applied = new Contiguous();
    this.#early.clear();
    this.#assembly = new Assembly();
    const ready = this.#ready.takeAll();
    for (const message of ready) this.#ready.push({ ...message, frames: 0 });
    if (this.#taken) this.#taken = { ...this.#taken, frames: 0 };
    this.#delivered = 0;
    this.#newest = -1;
    this.#newestApplied = -1;
  }

  #acceptNewest(head: FrameHead, body: Buffer): void {
    if (head.sequence <= this.#newest) return;
    this.#newest = head.sequence;
    this.#ready.takeAll(); // Whoever has not looked yet sees the newest only.
    this.#admit(head, body);
  }

  #admit(head: FrameHead, body: Buffer): void {
    const { sequence, flags } = head;
    const isPacked = (flags & frameFlags.fragment) === 0;
    const whole = isPacked ? { body, first: sequence, frames: 1 } : this.#assembly.add(head, body);
    if (!whole) return;
    const isReplayed = (flags & frameFlags.replayed) !== 0;
    const isEnd = (flags & frameFlags.end) !== 0;
    const { body: message, first, frames } = whole;
    this.#ready.push({ body: message, isPacked, isEnd, isReplayed, first, frames });
  }
}

/** A frame's messages must fill its body; whoever takes one later cannot complain. */
function requirePacked(body: Buffer, messages: number): void {
  let at = 0;
  let count = 0;
  while (at + 4 <= body.length) {
    at += 4 + body.readUInt32LE(at);
    count += 1;
  }
  if (at !== body.length || count !== messages) {
    throw wrong(`A frame of ${messages} messages does not consist of them.`);
  }
}
