/**
 * The receiving side of one channel: its application is a handler, called for one message of a
 * lane after the other, or whoever iterates. What is handled, or asked beyond, is applied (DP-5).
 */
import { InterplexError } from '../errors.ts';
import { throwLater } from '../listeners.ts';
import type { FrameHead } from '../wire/frame.ts';
import { streamOf, type Channel } from './channels.ts';
import { ReceiveLane } from './receive-lane.ts';

/** What is known of a message beside its bytes. */
export interface MessageContext {
  readonly channel: string;
  /** A target before this one may have applied it already (DP-8). */
  readonly replayed: boolean;
}
export interface ReceiveOptions {
  /** Default `main`. */
  readonly channel?: string;
  /**
   * The handler copies what it keeps: a message's bytes are used anew once it is applied. Faster
   * for large messages. Default false: they are the handler's.
   */
  readonly isLent?: boolean;
}
/** The message is applied when it returns, or when what it returns settles. */
export type ReceiveFunction = (
  message: Buffer,
  context: MessageContext,
) => void | PromiseLike<unknown>;

export class ReceiveChannel {
  readonly channel: Channel;
  readonly #onApplied: (lane: ReceiveLane) => void;
  readonly #lanes: readonly ReceiveLane[];
  readonly #busy = new Set<ReceiveLane>();
  readonly #contexts: readonly [MessageContext, MessageContext];
  #handler: ReceiveFunction | undefined;
  #isLent = false;
  #whenReady: (() => void) | undefined;
  #isClosed = false;

  constructor(channel: Channel, onApplied: (lane: ReceiveLane) => void) {
    this.channel = channel;
    this.#onApplied = onApplied;
    const { id, kind, lanes, name } = channel;
    this.#contexts = [
      { channel: name, replayed: false },
      { channel: name, replayed: true },
    ];
    this.#lanes = Array.from({ length: lanes }, (_, lane) => {
      return new ReceiveLane(streamOf(id, lane), kind);
    });
  }

  /** Throws IPX_FRAME_INVALID or IPX_FRAME_LIMIT. */
  accept(laneIndex: number, head: FrameHead, body: Buffer): ReceiveLane {
    const lane = this.#lanes[laneIndex];
    if (!lane) throw new InterplexError('IPX_FRAME_INVALID', `There is no lane ${laneIndex}.`);
    lane.accept(head, body);
    return lane;
  }

  /** What came is handled. An application's error is uncaught, as any other of it. */
  deliver(lane: ReceiveLane): void {
    if (this.#handler) this.#handle(lane, this.#handler);
    this.#whenReady?.();
  }

  /** One handler, or one iteration, at a time. Throws IPX_CHANNEL_TAKEN. */
  receive(handler: ReceiveFunction, isLent: boolean): void {
    this.#requireFree();
    this.#handler = handler;
    this.#isLent = isLent;
    for (const lane of this.#lanes) this.#handle(lane, handler);
  }

  /** Ends when the other side has ended the channel or the port is closed. */
  async *messages(): AsyncGenerator<Buffer, void, undefined> {
    this.#requireFree();
    this.#isIterated = true;
    try {
      for (;;) {
        let isAny = false;
        for (const lane of this.#lanes) {
          const message = lane.take();
          if (!message) continue;
          isAny = true;
          yield message;
          lane.apply(false);
          this.#onApplied(lane);
        }
        if (isAny) continue;
        if (this.#isClosed || this.#lanes.every(({ isEnded }) => isEnded)) return;
        await new Promise<void>((resolve) => (this.#whenReady = resolve));
        this.#whenReady = undefined;
      }
    } finally {
      this.#isIterated = false;
    }
  }
  #isIterated = false;

  close(): void {
    this.#isClosed = true;
    this.#whenReady?.();
  }

  #requireFree(): void {
    if (!this.#handler && !this.#isIterated) return;
    throw new InterplexError(
      'IPX_CHANNEL_TAKEN',
      `The channel "${this.channel.name}" is received already: one handler or iteration takes it.`,
    );
  }

  #handle(lane: ReceiveLane, handler: ReceiveFunction): void {
    if (this.#busy.has(lane)) return;
    let isAny = false;
    for (let message = lane.take(); message; message = lane.take()) {
      const context = this.#contexts[lane.isReplayed ? 1 : 0];
      let handled: unknown;
      try {
        handled = handler(message, context);
      } catch (error) {
        throwLater(error);
        this.#busy.add(lane); // What follows could rely on what failed.
        break;
      }
      if (isThenable(handled)) {
        void this.#await(lane, handler, handled);
        break;
      }
      lane.apply(this.#isLent);
      isAny = true;
    }
    if (isAny) this.#onApplied(lane);
  }

  async #await(
    lane: ReceiveLane,
    handler: ReceiveFunction,
    handled: PromiseLike<unknown>,
  ): Promise<void> {
    this.#busy.add(lane);
    try {
      await handled;
    } catch (error) {
      throwLater(error);
      return;
    }
    this.#busy.delete(lane);
    lane.apply(this.#isLent);
    this.#onApplied(lane);
    this.#handle(lane, handler);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value;
