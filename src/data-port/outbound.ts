/** All that a port has to send, by priority: which frame is next, until no path has room. */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { priorities, type Channel, type Priority } from './channels.ts';
import type { Path } from './path.ts';
import type { Wish } from './scheduler.ts';
import { SendChannel } from './send-channel.ts';
import type { Acknowledgement, OutgoingFrame, Settlement } from './outgoing-frame.ts';
import type { SendLane } from './send-lane.ts';

export interface OutboundEvents {
  readonly onCongested: (channel: string) => void;
  readonly onResumed: (channel: string) => void;
}
const settled = Promise.resolve();

export class Outbound {
  readonly channels: readonly SendChannel[];
  readonly #events: OutboundEvents;
  /** The lane that was pushed to last, which is busy. */
  #last: SendLane | undefined;
  readonly #byStream = new Map<number, { channel: SendChannel; lane: SendLane }>();
  readonly #busy: Readonly<Record<Priority, Map<SendLane, SendChannel>>> = {
    control: new Map(),
    interactive: new Map(),
    bulk: new Map(),
  };

  constructor(channels: readonly Channel[], events: OutboundEvents) {
    this.#events = events;
    this.channels = channels.map((channel) => new SendChannel(channel));
    for (const channel of this.channels) {
      for (const lane of channel.lanes) this.#byStream.set(lane.stream, { channel, lane });
    }
  }

  /** Bytes that are not yet applied. */
  get bytes(): number {
    return this.channels.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get isDrained(): boolean {
    return this.channels.every(({ lanes }) => lanes.every((lane) => lane.isDrained));
  }

  /** Settles when there is room for more. Throws as `SendChannel.push`. */
  post(bytes: Uint8Array, channel: SendChannel, key: string | undefined): Promise<void> {
    this.push(bytes, channel, key);
    if (!channel.isFull) return settled;
    if (!channel.isCongested) this.#events.onCongested(channel.channel.name);
    return channel.whenRoom();
  }

  /** Settles when the target has said so. Throws as `SendChannel.push`. */
  send(
    bytes: Uint8Array,
    channel: SendChannel,
    key: string | undefined,
    acknowledgement: Acknowledgement,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: InterplexError) => (error ? reject(error) : resolve());
      this.push(bytes, channel, key, { acknowledgement, settle });
    });
  }

  end(channel: SendChannel): void {
    channel.end();
    for (const lane of channel.lanes) this.#busy[channel.channel.priority].set(lane, channel);
  }

  /** Throws IPX_FRAME_INVALID. */
  acknowledge(stream: number, received: number, applied: number): void {
    const known = this.#byStream.get(stream);
    if (!known) throw new InterplexError('IPX_FRAME_INVALID', `There is no stream ${stream}.`);
    known.lane.acknowledge(received, applied);
    if (known.channel.wake()) this.#events.onResumed(known.channel.channel.name);
  }

  lose(frames: Iterable<OutgoingFrame>): void {
    for (const frame of frames) {
      const known = this.#byStream.get(frame.stream);
      if (!known) continue;
      known.lane.lose(frame);
      this.#busy[known.channel.channel.priority].set(known.lane, known.channel);
    }
  }

  /** Returns how many messages go again, marked. */
  restart(): number {
    let messages = 0;
    for (const { lane, channel } of this.#byStream.values()) {
      messages += lane.restart();
      this.#busy[channel.channel.priority].set(lane, channel);
    }
    return messages;
  }

  /** Everything that was not applied is reported to whoever waits for it. */
  abandon(error: InterplexError): { messages: number; bytes: number } {
    const lost = { messages: 0, bytes: 0 };
    for (const { lane } of this.#byStream.values()) {
      const { messages, bytes } = lane.abandon(error);
      lost.messages += messages;
      lost.bytes += bytes;
    }
    for (const channel of this.channels) channel.wake(error);
    return lost;
  }

  /** Frames leave, each lane of a priority in turn, while `choose` has a path for them. */
  pump(
    choose: (wish: Wish) => Path | undefined,
    transmit: (path: Path, frame: OutgoingFrame) => void,
  ): void {
    for (const priority of priorities) {
      const busy = this.#busy[priority];
      const isUrgent = priority === 'control';
      const advance = (lane: SendLane, channel: SendChannel): boolean => {
        if (!lane.hasWork) {
          this.#last = undefined;
          return !busy.delete(lane);
        }
        if (!lane.mayTake(channel.hasCredit)) return false;
        const { waitingBytes } = lane;
        const bytes = Math.min(waitingBytes, limits.frameBodyBytesMax);
        const path = choose({ bytes, waitingBytes, isUrgent });
        const frame = path && lane.take();
        if (frame) transmit(path, frame);
        return path !== undefined;
      };
      for (let isMoving = true; isMoving;) {
        isMoving = false;
        for (const [lane, channel] of busy) isMoving = advance(lane, channel) || isMoving;
      }
    }
  }

  /** Without a word of room. Throws as `SendChannel.push`. */
  push(
    bytes: Uint8Array,
    channel: SendChannel,
    key: string | undefined,
    settlement?: Settlement,
  ): void {
    const lane = channel.push(bytes, key, settlement);
    if (lane !== this.#last) this.#busy[channel.channel.priority].set(lane, channel);
    this.#last = lane;
  }
}
