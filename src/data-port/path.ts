/**
 * One path of a port as its sender sees it (DP-4): what is under way on it, how fast it drains, and
 * whether it still answers. Smoothed round trips as in RFC 6298; how much may be under way as in
 * BBR (Cardwell et al., 2016): twice rate × least round trip, so that our own queue, from which any
 * path may take, is where data waits, and no kernel's.
 */
import { limits } from '../limits.ts';
import type { Connection } from './connection.ts';
import { Fifo } from '../fifo.ts';
import type { OutgoingFrame } from './outgoing-frame.ts';

interface Sent {
  readonly frame: OutgoingFrame;
  readonly bytes: number;
  readonly atMs: number;
  /** Bytes that had been delivered when it left, and when that was. */
  readonly delivered: number;
  readonly deliveredMs: number;
  readonly wasFull: boolean;
}

export class Path {
  readonly index: number;
  readonly connection: Connection;
  isSuspect = false;
  /** Data frames that came on it: what its own head tells the other side. */
  heardFrames = 0;
  /** What the other side was last told of them. */
  toldFrames = 0;
  /** While something is unanswered: for how long, in time in which this thread itself was awake. */
  silentMs = 0;
  pingedMs = -Infinity;
  #pingsSent = 0;
  #pingsAnswered = 0;
  readonly #sent = new Fifo<Sent>();
  #acknowledged = 0;
  #underwayBytes = 0;
  #delivered = 0;
  #deliveredMs: number;
  #srttMs: number | undefined;
  #rttVarMs = 0;
  #leastRttMs = Infinity;
  #leastRttAtMs = 0;
  /** Bytes a millisecond. */
  #rate: number = limits.pathRateBegin;
  #isMeasured = false;

  constructor(index: number, connection: Connection, nowMs: number) {
    this.index = index;
    this.connection = connection;
    this.#deliveredMs = nowMs;
  }

  get underwayBytes(): number {
    return this.#underwayBytes;
  }
  get rate(): number {
    return this.#rate;
  }
  get srttMs(): number | undefined {
    return this.#srttMs;
  }

  /** Whether anything is expected of the other side. */
  get isAwaiting(): boolean {
    return this.#sent.length > 0 || this.#pingsAnswered < this.#pingsSent;
  }

  /** SRT's rule for a link that may be lost (Haivision, SRT bonding): a few round trips. */
  get suspicionMs(): number {
    const rtt = 2 * (this.#srttMs ?? limits.pathSuspicionMs) + 4 * this.#rttVarMs;
    return Math.max(limits.pathSuspicionMs, rtt);
  }

  /** What may be under way; `share` is the number of paths that the two threads work on. */
  #roomBytes(share: number): number {
    const { pathUnderwayBytesMin: least, turnaroundMs, turnaroundBytesMax } = limits;
    // What is only assumed of its rate must not fill a long path's buffers.
    if (!this.#isMeasured) return least;
    const leastRtt = this.#leastRttMs === Infinity ? 0 : this.#leastRttMs;
    const turnaround = Math.min(this.#rate * turnaroundMs, turnaroundBytesMax / share);
    return least + 2 * this.#rate * leastRtt + turnaround;
  }

  hasRoom(share: number): boolean {
    return !this.isSuspect && this.#underwayBytes < this.#roomBytes(share);
  }

  /** When what is under way, and so many bytes more, will have arrived: milliseconds from now. */
  finishMs(bytes: number): number {
    const leastRtt = this.#leastRttMs === Infinity ? 0 : this.#leastRttMs;
    return (this.#underwayBytes + bytes) / this.#rate + leastRtt / 2;
  }

  sent(frame: OutgoingFrame, bytes: number, nowMs: number): void {
    if (this.#sent.length === 0) this.#deliveredMs = nowMs; // A pause is nobody's slowness.
    this.#underwayBytes += bytes;
    this.#sent.push({
      frame,
      bytes,
      atMs: nowMs,
      delivered: this.#delivered,
      deliveredMs: this.#deliveredMs,
      wasFull: this.#underwayBytes * 2 > this.#roomBytes(limits.portLinksMax),
    });
  }

  pinged(nowMs: number): number {
    this.pingedMs = nowMs;
    this.#pingsSent += 1;
    return this.#pingsSent;
  }

  /** The answer to the ping of that number. */
  answered(ping: number, nowMs: number): void {
    if (ping > this.#pingsSent || ping <= this.#pingsAnswered) return;
    if (ping === this.#pingsSent) this.noteRtt(nowMs - this.pingedMs, nowMs);
    this.#pingsAnswered = ping;
    this.silentMs = 0;
  }

  /** The other side has heard so many of our data frames, modulo 2^32. */
  acknowledged(heard: number, nowMs: number): void {
    const count = (heard - this.#acknowledged) >>> 0;
    if (count === 0 || count > this.#sent.length) return;
    this.#acknowledged = heard;
    this.silentMs = 0;
    let last: Sent | undefined;
    for (let index = 0; index < count; index += 1) {
      last = this.#sent.shift();
      if (!last) break;
      last.frame.isReceived = true;
      this.#underwayBytes -= last.bytes;
      this.#delivered += last.bytes;
    }
    if (!last) return;
    this.noteRtt(nowMs - last.atMs, nowMs);
    this.#noteRate(last, nowMs);
    this.#deliveredMs = nowMs;
  }

  /** What may not have arrived, oldest first. It stays noted, should it arrive after all. */
  *underway(): IterableIterator<OutgoingFrame> {
    for (const { frame } of this.#sent) yield frame;
  }

  noteRtt(rttMs: number, nowMs: number): void {
    if (rttMs <= this.#leastRttMs || nowMs - this.#leastRttAtMs > limits.leastRttMs) {
      this.#leastRttMs = rttMs;
      this.#leastRttAtMs = nowMs;
    }
    if (this.#srttMs === undefined) {
      this.#srttMs = rttMs;
      this.#rttVarMs = rttMs / 2;
      return;
    }
    this.#rttVarMs += (Math.abs(this.#srttMs - rttMs) - this.#rttVarMs) / 4;
    this.#srttMs += (rttMs - this.#srttMs) / 8;
  }

  /** A path that was not kept busy tells nothing by being slow, but something by being fast. */
  #noteRate({ delivered, deliveredMs, wasFull }: Sent, nowMs: number): void {
    const elapsedMs = nowMs - deliveredMs;
    if (elapsedMs <= 0) return;
    const rate = (this.#delivered - delivered) / elapsedMs;
    if (!this.#isMeasured) this.#rate = rate;
    else if (rate > this.#rate) this.#rate += (rate - this.#rate) / 2;
    else if (wasFull) this.#rate += (rate - this.#rate) / 8;
    this.#isMeasured = true;
  }
}
