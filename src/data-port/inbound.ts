/** All that a port receives: each frame to its channel, and what is to be acknowledged of it. */
import { InterplexError } from '../errors.ts';
import type { FrameHead } from '../wire/frame.ts';
import type { Channel } from './channels.ts';
import { ReceiveChannel } from './receive-channel.ts';
import type { ReceiveLane } from './receive-lane.ts';

/** An acknowledgement: stream as u32, then two sequence numbers as f64, received and applied. */
const entryBytes = 20;
/** Acknowledgements of one frame: as many as a frame's room. */
const entriesMax = 1_024;

export class Inbound {
  readonly channels: readonly ReceiveChannel[];
  readonly #onDue: () => void;
  /** Lanes of which the other side does not know how far they are. */
  readonly #due = new Set<ReceiveLane>();
  readonly #known = new Set<ReceiveLane>();

  constructor(channels: readonly Channel[], onDue: () => void) {
    this.#onDue = onDue;
    const onApplied = (lane: ReceiveLane) => this.#owe(lane);
    this.channels = channels.map((channel) => new ReceiveChannel(channel, onApplied));
  }

  get isDue(): boolean {
    return this.#due.size > 0;
  }

  /** Throws IPX_FRAME_INVALID or IPX_FRAME_LIMIT. */
  accept(head: FrameHead, body: Buffer): void {
    const channel = this.channels[head.stream >>> 8];
    if (!channel) {
      throw new InterplexError('IPX_FRAME_INVALID', `There is no stream ${head.stream}.`);
    }
    const lane = channel.accept(head.stream & 0xff, head, body);
    this.#known.add(lane);
    this.#owe(lane);
    channel.deliver(lane);
  }

  /** What was said may be lost with the path that it was said on. */
  oweAll(): void {
    for (const lane of this.#known) this.#owe(lane);
  }

  /** What is due, and then no more; `undefined` if nothing is. */
  takeAcknowledgements(): Buffer | undefined {
    if (this.#due.size === 0) return undefined;
    const lanes = [...this.#due].slice(0, entriesMax);
    const body = Buffer.allocUnsafe(lanes.length * entryBytes);
    let at = 0;
    for (const lane of lanes) {
      body.writeUInt32LE(lane.stream, at);
      body.writeDoubleLE(lane.received, at + 4);
      body.writeDoubleLE(lane.applied, at + 12);
      at += entryBytes;
      this.#due.delete(lane);
    }
    return body;
  }

  /** Another target begins anew; what the former one sent is still the application's. */
  restart(): void {
    for (const lane of this.#known) lane.restart();
    this.#known.clear();
    this.#due.clear();
  }

  close(): void {
    for (const channel of this.channels) channel.close();
  }

  #owe(lane: ReceiveLane): void {
    this.#due.add(lane);
    this.#onDue();
  }
}

/** Throws IPX_FRAME_INVALID. */
export function readAcknowledgements(
  body: Buffer,
  listener: (stream: number, received: number, applied: number) => void,
): void {
  if (body.length % entryBytes !== 0) {
    throw new InterplexError('IPX_FRAME_INVALID', 'An acknowledgement is cut short.');
  }
  for (let at = 0; at < body.length; at += entryBytes) {
    listener(body.readUInt32LE(at), body.readDoubleLE(at + 4), body.readDoubleLE(at + 12));
  }
}
