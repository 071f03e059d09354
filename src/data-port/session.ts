/**
 * One port's conversation with its target (DP-6): it outlives every connection that carries it, and
 * is fenced by its epoch. It knows no machine; whoever owns it is told of facts and decides.
 */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { frameTypes, type FrameHead, type FrameType } from '../wire/frame.ts';
import type { Channel } from './channels.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { Heartbeats } from './heartbeats.ts';
import { Inbound, readAcknowledgements } from './inbound.ts';
import { Outbound, type OutboundEvents } from './outbound.ts';
import { Path } from './path.ts';
import type { Scheduler, Wish } from './scheduler.ts';
import type { OutgoingFrame } from './outgoing-frame.ts';

export interface SessionEvents extends OutboundEvents {
  readonly onSuspected: (path: number) => void;
  readonly onTrusted: (path: number) => void;
  /** Its connection has ended, or what came on it was wrong. */
  readonly onLost: (path: number, error: InterplexError) => void;
  /** The other side has closed the port. */
  readonly onGoodbye: () => void;
}
export interface SessionOptions {
  readonly channels: readonly Channel[];
  readonly schedule: Scheduler;
  readonly clock: Clock;
  readonly events: SessionEvents;
  readonly epoch: number;
}

export class Session {
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly #options: SessionOptions;
  readonly #paths: Path[] = [];
  readonly #heartbeats: Heartbeats;
  readonly #choose = (wish: Wish) => this.#options.schedule(this.#paths, wish);
  #whenDrained: (() => void) | undefined;
  #epoch: number;
  #isFlushDue = false;
  #postedBytes = 0;
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    const { channels, clock, events } = options;
    this.outbound = new Outbound(channels, events);
    this.inbound = new Inbound(channels, () => this.flushSoon());
    this.#heartbeats = new Heartbeats(this.#paths, clock, {
      onPing: (path, number) => this.#say(path, frameTypes.ping, number),
      onSuspected: ({ index }) => {
        this.#rescue();
        events.onSuspected(index);
      },
      onTrusted: ({ index }) => {
        this.#rescue();
        events.onTrusted(index);
      },
    });
  }

  get epoch(): number {
    return this.#epoch;
  }
  get paths(): readonly Path[] {
    return this.#paths;
  }

  /** A connection that has shaken hands carries this port from now on. */
  attach(index: number, connection: Connection, rttMs?: number): void {
    this.detach(index);
    const path = new Path(index, connection, this.#options.clock.now());
    if (rttMs !== undefined) path.noteRtt(rttMs, this.#options.clock.now());
    this.#paths.push(path);
    connection.listen({
      onFrame: (head, body) => this.#take(path, head, body),
      onTurn: () => this.#turn(path),
      onEnd: (error) => {
        this.detach(index);
        this.#options.events.onLost(index, error);
      },
    });
    this.#rescue();
    this.#heartbeats.begin();
  }

  /** The connection is closed; what was under way on it goes over the others. */
  detach(index: number): void {
    const at = this.#paths.findIndex((path) => path.index === index);
    const [path] = at === -1 ? [] : this.#paths.splice(at, 1);
    if (!path) return;
    path.connection.destroy();
    this.#lose(path);
  }

  /** What is under way on it goes over the others as well: it may not arrive. */
  reroute(index: number): void {
    const path = this.#paths.find((other) => other.index === index);
    if (path) this.#lose(path);
  }

  /** Another target, or the same anew: nothing that this one says counts any more (DP-8). */
  fence(epoch: number): number {
    this.#epoch = epoch;
    for (const { connection } of this.#paths.splice(0)) connection.destroy();
    this.inbound.restart();
    return this.outbound.restart();
  }

  /** Calls back once, when all that was accepted is applied. */
  whenDrained(callback: () => void): void {
    this.#whenDrained = callback;
    this.flushSoon();
  }

  /** In this turn of the event loop, with all else that is to leave. */
  flushSoon(): void {
    if (this.#isFlushDue || this.#isClosed) return;
    this.#isFlushDue = true;
    this.#options.clock.soon(() => {
      this.#isFlushDue = false;
      this.flush();
    });
  }

  /** So many bytes more were posted: a whole frame's worth does not wait for the turn's end. */
  posted(bytes: number): void {
    this.#postedBytes += bytes;
    if (this.#postedBytes < limits.frameBodyBytesMax) {
      this.flushSoon();
      return;
    }
    this.flush();
  }

  flush(): void {
    this.#postedBytes = 0;
    if (this.#isClosed) return;
    this.#acknowledge();
    this.outbound.pump(this.#choose, (path, frame) => this.#transmit(path, frame));
    for (const path of this.#paths) {
      if (path.heardFrames !== path.toldFrames) this.#say(path, frameTypes.acknowledgement, 0);
      path.connection.uncork();
    }
    if (!this.#whenDrained || !this.outbound.isDrained) return;
    this.#whenDrained();
    this.#whenDrained = undefined;
  }

  /** Says goodbye and closes; whoever waits for what was not applied is told with `error`. */
  close(error: InterplexError, isPolite: boolean): { messages: number; bytes: number } {
    if (isPolite) this.flush();
    this.#isClosed = true;
    this.#heartbeats.stop();
    for (const path of this.#paths.splice(0)) {
      if (isPolite) this.#say(path, frameTypes.goodbye, 0);
      path.connection.uncork();
      if (isPolite) path.connection.finish();
      else path.connection.destroy();
    }
    this.inbound.close();
    return this.outbound.abandon(error);
  }

  /** What is under way on suspected paths goes over the others, if there are any. */
  #rescue(): void {
    const isAny = this.#paths.some(({ isSuspect }) => !isSuspect);
    for (const path of this.#paths) if (isAny && path.isSuspect) this.#lose(path);
    this.inbound.oweAll();
    this.flushSoon();
  }

  #lose(path: Path): void {
    this.outbound.lose(path.underway());
    this.inbound.oweAll(); // What was acknowledged there may not arrive either.
    this.flushSoon();
  }

  #take(path: Path, head: FrameHead, body: Buffer): void {
    const now = this.#options.clock.now();
    if (head.epoch !== this.#epoch) {
      const sentence = `A frame of epoch ${head.epoch} came in epoch ${this.#epoch}.`;
      throw new InterplexError('IPX_PORT_FENCED', sentence);
    }
    path.acknowledged(head.heard, now);
    switch (head.type) {
      case frameTypes.data:
        path.heardFrames = (path.heardFrames + 1) >>> 0;
        this.inbound.accept(head, body);
        return;
      case frameTypes.acknowledgement:
        readAcknowledgements(body, (stream, received, applied) =>
          this.outbound.acknowledge(stream, received, applied),
        );
        return;
      case frameTypes.ping:
        this.#say(path, frameTypes.pong, head.sequence);
        return;
      case frameTypes.pong:
        path.answered(head.sequence, now);
        return;
      case frameTypes.goodbye:
        this.#options.events.onGoodbye();
        return;
      case frameTypes.hello:
      case frameTypes.welcome:
      case frameTypes.refusal:
        throw new InterplexError('IPX_FRAME_INVALID', 'Hands were shaken already.');
    }
  }

  /** What came made room, or is to be acknowledged. */
  #turn(path: Path): void {
    if (path.isSuspect && path.silentMs === 0) this.#heartbeats.trust(path);
    this.flushSoon();
  }

  #acknowledge(): void {
    const path = this.#paths.find(({ isSuspect }) => !isSuspect) ?? this.#paths[0];
    if (!path) return;
    for (let body = this.inbound.takeAcknowledgements(); body;) {
      this.#say(path, frameTypes.acknowledgement, 0, body);
      body = this.inbound.takeAcknowledgements();
    }
  }

  #transmit(path: Path, frame: OutgoingFrame): void {
    const { flags, sequence, index, total, body, crc, stream } = frame;
    const { epoch } = this;
    const heard = path.heardFrames;
    const { data: type } = frameTypes;
    path.connection.cork();
    path.toldFrames = heard;
    const head = { type, flags, epoch, stream, sequence, heard, index, total };
    path.sent(frame, body.length, this.#options.clock.now());
    path.connection.send(head, body, crc);
  }

  #say(path: Path, type: FrameType, sequence: number, body?: Buffer): void {
    const heard = path.heardFrames;
    path.toldFrames = heard;
    const { epoch } = this;
    const head = { type, flags: 0, epoch, stream: 0, sequence, heard, index: 0, total: 0 };
    path.connection.send(head, body);
  }
}
