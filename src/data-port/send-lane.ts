/**
 * What one lane of a channel has to send: messages corked into frames, frames not yet sent, and
 * the window of those not yet applied, from which they are sent again (DP-6). All is counted in
 * frames: nothing is done for a message but its copy.
 */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { giveBody } from '../wire/body-pool.ts';
import { frameFlags } from '../wire/frame.ts';
import type { ChannelKind } from './channels.ts';
import { Cork } from './cork.ts';
import { Fifo } from '../fifo.ts';
import {
  costOf,
  isOurs,
  messageBytes,
  newFrame,
  settle,
  type Content,
  type OutgoingFrame,
  type Settlement,
} from './outgoing-frame.ts';

/** Messages from here on go out as they are given; copying a smaller one costs less than a head. */
const givenBytesMin = 16 * 1024;

/** What the lanes of one channel hold. */
export interface Account {
  /** Bytes of messages that are not yet applied, sent or not. */
  bytes: number;
  /** Bytes of frames that were sent, and are not. */
  sentBytes: number;
}

export class SendLane {
  readonly stream: number;
  readonly #kind: ChannelKind;
  readonly #account: Account;
  readonly #cork = new Cork();
  readonly #unsent = new Fifo<OutgoingFrame>();
  /** Sent and not yet applied, by sequence number from `#applied` on. */
  #window = new Fifo<OutgoingFrame>();
  /** Of the window, what was lost on its way. */
  readonly #lost: OutgoingFrame[] = [];
  #next = 0;
  #received = 0;
  #applied = 0;
  #bytes = 0;
  #sentBytes = 0;

  constructor(stream: number, kind: ChannelKind, account: Account) {
    this.stream = stream;
    this.#kind = kind;
    this.#account = account;
  }

  get hasWork(): boolean {
    return !this.#cork.isEmpty || this.#unsent.length > 0 || this.#lost.length > 0;
  }

  get isDrained(): boolean {
    return !this.hasWork && this.#window.length === 0;
  }

  /** What waits to be sent, about. */
  get waitingBytes(): number {
    return Math.max(1, this.#bytes - this.#sentBytes);
  }

  /** Whether the next frame may leave: what goes again always may. */
  mayTake(hasCredit: boolean): boolean {
    if (this.#lost.length > 0) return true;
    return hasCredit && this.#next - this.#received < limits.framesAheadMax / 2;
  }

  /** Copies the bytes; from 16 KiB on they are kept, unchanged, until they are applied. */
  push(bytes: Uint8Array, settlement?: Settlement): void {
    const inherited = this.#kind === 'latest' ? this.#supersede() : [];
    this.#hold(bytes.length + messageBytes);
    if (this.#kind !== 'latest' && bytes.length >= givenBytesMin)
      this.#pushFragments(bytes, settlement);
    else {
      if (!this.#cork.hasRoomFor(bytes.length)) this.#seal(true);
      this.#cork.add(bytes, settlement);
    }
    if (inherited.length === 0) return;
    this.#seal(false);
    const newest = this.#unsent.at(this.#unsent.length - 1);
    if (newest) newest.settlements = [...inherited, ...(newest.settlements ?? [])];
  }

  /** Nothing follows. */
  end(): void {
    this.#seal(false);
    const body = new Uint8Array(0);
    const { end: flags } = frameFlags;
    this.#queue({ body, flags, index: 0, total: 0, messages: 0, settlements: undefined });
  }

  /** The next frame to send: what was lost goes first. */
  take(): OutgoingFrame | undefined {
    for (let lost = this.#lost.shift(); lost; lost = this.#lost.shift()) {
      lost.isLost = false;
      if (lost.isReceived) continue;
      lost.sendings += 1;
      return lost;
    }
    if (this.#unsent.length === 0) this.#seal(false);
    const frame = this.#unsent.shift();
    if (!frame) return undefined;
    frame.sequence = this.#next;
    frame.sendings += 1;
    this.#next += 1;
    this.#send(frame.body.length);
    this.#window.push(frame);
    return frame;
  }

  /**
   * All frames below these sequence numbers were received, or applied, by the target of this epoch.
   * Throws IPX_FRAME_INVALID for what was never sent.
   */
  acknowledge(received: number, applied: number): void {
    if (received > this.#next || applied > received) {
      const sentence = `The target acknowledged frame ${received} of ${this.#next} that were sent.`;
      throw new InterplexError('IPX_FRAME_INVALID', sentence);
    }
    for (; this.#received < received; this.#received += 1) {
      const frame = this.#window.at(this.#received - this.#applied);
      if (!frame) continue;
      frame.isReceived = true;
      settle(frame, 'received');
    }
    for (; this.#applied < applied; this.#applied += 1) {
      const frame = this.#window.shift();
      if (!frame) continue;
      this.#hold(-costOf(frame));
      this.#send(-frame.body.length);
      settle(frame, 'applied');
      // A copy that is still on its way somewhere must not change.
      if (frame.sendings === 1 && isOurs(frame)) giveBody(frame.body as Buffer);
    }
  }

  /** It may not arrive: it goes again. Of a `latest` lane only the newest does. */
  lose(frame: OutgoingFrame): void {
    if (frame.isReceived || frame.isLost) return;
    if (this.#kind === 'latest' && frame.sequence !== this.#next - 1) return;
    frame.isLost = true;
    const before = this.#lost.findLastIndex(({ sequence }) => sequence < frame.sequence);
    this.#lost.splice(before + 1, 0, frame);
  }

  /** Another target: all that is not known to be applied goes to it, marked (DP-8). */
  restart(): number {
    this.#lost.length = 0;
    const sent = this.#window.takeAll();
    const unsent = this.#unsent.takeAll();
    const kept = this.#kind === 'latest' ? this.#newestOf(sent, unsent) : sent;
    let messages = 0;
    for (const frame of kept) {
      frame.flags |= frameFlags.replayed;
      frame.isReceived = false;
      frame.isLost = false;
      messages += frame.messages;
    }
    for (const frame of [...kept, ...unsent]) this.#unsent.push(frame);
    this.#next = 0;
    this.#received = 0;
    this.#applied = 0;
    this.#send(-this.#sentBytes);
    return messages;
  }

  /** Everything that was not applied is reported, and forgotten. */
  abandon(error: InterplexError): { messages: number; bytes: number } {
    this.#seal(false);
    const frames = [...this.#window.takeAll(), ...this.#unsent.takeAll()];
    const bytes = this.#bytes;
    this.#lost.length = 0;
    this.#hold(-bytes);
    this.#send(-this.#sentBytes);
    let messages = 0;
    for (const frame of frames) {
      messages += frame.messages;
      for (const settlement of frame.settlements ?? []) settlement.settle(error);
    }
    return { messages, bytes };
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.#account.bytes += bytes;
  }

  #send(bytes: number): void {
    this.#sentBytes += bytes;
    this.#account.sentBytes += bytes;
  }

  #pushFragments(bytes: Uint8Array, settlement: Settlement | undefined): void {
    this.#seal(false);
    const piece = limits.frameBodyBytesMax;
    for (let at = 0, index = 0; at < bytes.length; at += piece, index += 1) {
      const isLast = at + piece >= bytes.length;
      this.#queue({
        body: bytes.subarray(at, at + piece),
        flags: frameFlags.fragment,
        index,
        total: bytes.length,
        messages: isLast ? 1 : 0,
        settlements: isLast && settlement ? [settlement] : undefined,
      });
    }
  }

  #seal(isFull: boolean): void {
    if (this.#cork.isEmpty) return;
    const { body, messages, settlements } = this.#cork.take(isFull);
    this.#queue({ body, flags: 0, index: 0, total: messages, messages, settlements });
  }

  #queue(content: Content): void {
    this.#unsent.push(newFrame(this.stream, content));
  }

  /** What has not left gives way to what comes; who waits for it waits for that. */
  #supersede(): Settlement[] {
    this.#seal(false);
    return this.#forget(this.#unsent.takeAll());
  }

  #newestOf(sent: OutgoingFrame[], unsent: readonly OutgoingFrame[]): OutgoingFrame[] {
    const inherited = this.#forget(sent.splice(0, sent.length - (unsent.length > 0 ? 0 : 1)));
    const newest = unsent.at(-1) ?? sent.at(-1);
    if (newest) newest.settlements = [...inherited, ...(newest.settlements ?? [])];
    return sent;
  }

  #forget(frames: readonly OutgoingFrame[]): Settlement[] {
    for (const frame of frames) this.#hold(-costOf(frame));
    return frames.flatMap(({ settlements }) => settlements ?? []);
  }
}
