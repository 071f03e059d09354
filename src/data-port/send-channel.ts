/** The sending side of one channel: its lanes, and the back-pressure on its callers (DP-5). */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { laneOf, streamOf, type Channel } from './channels.ts';
import { messageBytes, type Settlement } from './outgoing-frame.ts';
import { SendLane, type Account } from './send-lane.ts';

export class SendChannel {
  readonly channel: Channel;
  readonly lanes: readonly SendLane[];
  /** Bytes that the target takes before its application has taken them: its credit. */
  #credit: number;
  #waiting: ((error?: InterplexError) => void)[] = [];
  #isEnded = false;
  readonly #account: Account = { bytes: 0, sentBytes: 0 };

  constructor(channel: Channel) {
    this.channel = channel;
    this.#credit = channel.windowBytes;
    const { id, kind, lanes } = channel;
    this.lanes = Array.from(
      { length: lanes },
      (_, lane) => new SendLane(streamOf(id, lane), kind, this.#account),
    );
  }

  /** Bytes that are not yet applied, sent or not. */
  get bytes(): number {
    return this.#account.bytes;
  }

  get isFull(): boolean {
    return this.bytes > this.channel.windowBytes;
  }

  get isCongested(): boolean {
    return this.#waiting.length > 0;
  }

  set credit(bytes: number) {
    this.#credit = bytes;
  }

  /** Whether the target has room for a frame; for one it always has, or nothing would ever move. */
  get hasCredit(): boolean {
    const sent = this.#account.sentBytes;
    return sent === 0 || sent + limits.frameBodyBytesMax <= this.#credit;
  }

  /** The lane that it went to. Throws IPX_OPTION_INVALID, IPX_MESSAGE_LIMIT, IPX_PORT_CONGESTED. */
  push(bytes: Uint8Array, key: string | undefined, settlement?: Settlement): SendLane {
    const { kind, name, windowBytes } = this.channel;
    if (this.#isEnded) throw new InterplexError('IPX_CHANNEL_ENDED', endedSentence(name));
    if (kind === 'keyed' && key === undefined) {
      const sentence = `The channel "${name}" is keyed: give each message the key of its order.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    const most = Math.min(
      kind === 'latest' ? limits.frameBodyBytesMax - 4 : limits.portMessageBytesMax,
      windowBytes,
    );
    if (bytes.length > most) {
      const sentence = `A message of ${bytes.length} bytes: channel "${name}" takes ${most}.`;
      throw new InterplexError('IPX_MESSAGE_LIMIT', sentence);
    }
    if (this.bytes + bytes.length + messageBytes > 2 * windowBytes + most) {
      const sentence =
        `The channel "${name}" is full twice over: await each post() or send(), ` +
        'or open it with a larger windowBytes.';
      throw new InterplexError('IPX_PORT_CONGESTED', sentence);
    }
    const lane = this.lanes[key === undefined ? 0 : laneOf(key, this.lanes.length)];
    if (!lane) throw new Error(`The channel "${name}" has no lane.`);
    lane.push(bytes, settlement);
    return lane;
  }

  /** Nothing follows in any lane. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const lane of this.lanes) lane.end();
  }

  /** Settles when the window has room again; rejects with what ends the port. */
  whenRoom(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((error) => (error ? reject(error) : resolve()));
    });
  }

  /** True when callers that waited go on. */
  wake(error?: InterplexError): boolean {
    if (this.#waiting.length === 0 || (!error && this.isFull)) return false;
    for (const settle of this.#waiting.splice(0)) settle(error);
    return true;
  }
}

const endedSentence = (name: string) =>
  `The channel "${name}" was ended: send on another one, or do not end it.`;
