/**
 * Messages, and what is made of them: each goes to whoever listens to its kind, once; a request
 * gets what that listener returns.
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError, isErrorCode, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { throwLater } from '../listeners.ts';
import { Malformed, type ByteReader } from '../wire/bytes.ts';
import { readValue } from '../wire/message.ts';
import type { Clock } from './clock.ts';
import type { MessagingCounters } from './counters.ts';
import type { Peer } from './peer.ts';
import { encodeRecord, recordKinds, type OutgoingRecord } from './record.ts';

/** What nodes say to each other: plain values, and a kind by which they are listened to. */
export interface Message {
  readonly kind: string;
}
/** What it returns, or its promise gives, answers a request. */
export type MessageListener = (
  message: Message & Readonly<Record<string, unknown>>,
  from: NodeId,
) => unknown;

interface Pending {
  readonly peer: Peer;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: unknown;
}

export interface ExchangeWorld {
  readonly clock: Clock;
  readonly counters: MessagingCounters;
  /** Adds a record to the peer's stream. Settles when it was received. */
  readonly add: (peer: Peer, record: OutgoingRecord, timeoutMs: number) => Promise<void>;
}

export class Exchange {
  readonly #world: ExchangeWorld;
  readonly #listeners = new Map<string, MessageListener>();
  readonly #pending = new Map<number, Pending>();
  #lastNumber = 0;

  constructor(world: ExchangeWorld) {
    this.#world = world;
  }

  /** Throws IPX_NAME_TAKEN: what answers a request must be one. */
  on(kind: string, listener: MessageListener): () => void {
    if (this.#listeners.has(kind)) {
      const sentence = `Messages of kind "${kind}" have a listener: stop that one first.`;
      throw new InterplexError('IPX_NAME_TAKEN', sentence);
    }
    this.#listeners.set(kind, listener);
    return () => {
      if (this.#listeners.get(kind) === listener) this.#listeners.delete(kind);
    };
  }

  /** Rejects with IPX_MESSAGE_LIMIT, IPX_STATE_INVALID and others. */
  send(peer: Peer, message: Message, timeoutMs: number): Promise<void> {
    return this.#world.add(peer, recordOf(message), timeoutMs);
  }

  async request(peer: Peer, message: Message, timeoutMs: number): Promise<unknown> {
    if (this.#pending.size >= limits.requestsMax) {
      const sentence = `${limits.requestsMax} requests of this node have no reply yet: await some.`;
      throw new InterplexError('IPX_ASK_LIMIT', sentence);
    }
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const reply = new Promise<unknown>((resolve, reject) => {
      const late = () => this.#settle(number, undefined, unanswered(peer.node, message, timeoutMs));
      const timer = this.#world.clock.setTimeout(late, timeoutMs);
      this.#pending.set(number, { peer, resolve, reject, timer });
    });
    this.#world
      .add(peer, { kind: recordKinds.request, number, value: message }, timeoutMs)
      .catch((error: unknown) => this.#settle(number, undefined, error as Error));
    return reply;
  }

  /**
   * A record of the stream, or an unreliable message. One that cannot be read is counted: those
   * beside it in its segment are acknowledged with it, and are heard.
   */
  take(reader: ByteReader, peer: Peer): void {
    try {
      this.#read(reader, peer);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#world.counters.malformed += 1;
    }
  }

  #read(reader: ByteReader, peer: Peer): void {
    const kind = reader.byte();
    const number = kind === recordKinds.message ? 0 : reader.varint();
    const value = readValue(reader);
    if (kind === recordKinds.reply) this.#settle(number, value, undefined, peer);
    else if (kind === recordKinds.failure) this.#settle(number, undefined, failureOf(value), peer);
    else if (kind > recordKinds.failure) throw new Malformed('a record');
    else this.#hear(messageOf(value), peer, kind === recordKinds.request ? number : undefined);
  }

  /** No reply will come from it. */
  abandon(peer: Peer | undefined, failure: Error): void {
    for (const [number, pending] of this.#pending) {
      if (!peer || pending.peer === peer) this.#settle(number, undefined, failure);
    }
  }

  #hear(message: Parameters<MessageListener>[0], peer: Peer, request: number | undefined): void {
    const listener = this.#listeners.get(message.kind);
    if (!listener) this.#world.counters.unheard += 1;
    if (request === undefined) {
      if (listener) tell(listener, message, peer.node);
      return;
    }
    this.#answer(listener ?? unheard, message, peer, request).catch(throwLater);
  }

  async #answer(
    listener: MessageListener,
    message: Parameters<MessageListener>[0],
    peer: Peer,
    number: number,
  ): Promise<void> {
    let record: OutgoingRecord;
    try {
      const value = await listener(message, peer.node);
      record = { kind: recordKinds.reply, number, value };
      encodeRecord(record); // Here, so that what cannot be written is told as a failure.
    } catch (error) {
      const code = error instanceof InterplexError ? error.code : 'IPX_MESSAGE_FAILED';
      const value = [code, sentenceOf(error).slice(0, 1_000)];
      record = { kind: recordKinds.failure, number, value };
    }
    // Who asked has left, or waits no longer: there is nobody to tell.
    await this.#world.add(peer, record, limits.messageTimeoutMs).catch(() => undefined);
  }

  #settle(number: number, value: unknown, failure?: Error, peer?: Peer): void {
    const pending = this.#pending.get(number);
    if (!pending || (peer && pending.peer !== peer)) return;
    this.#pending.delete(number);
    this.#world.clock.clearTimeout(pending.timer);
    if (failure) pending.reject(failure);
    else pending.resolve(value);
  }
}

/** What a listener throws is its own error: it is uncaught, and the stream goes on. */
function tell(
  listener: MessageListener,
  message: Parameters<MessageListener>[0],
  from: NodeId,
): void {
  try {
    const returned = listener(message, from);
    if (returned instanceof Promise) returned.catch(throwLater);
  } catch (error) {
    throwLater(error);
  }
}

export const recordOf = (message: Message): OutgoingRecord => ({
  kind: recordKinds.message,
  number: 0,
  value: message,
});

function messageOf(value: unknown): Parameters<MessageListener>[0] {
  const isMessage =
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string';
  if (!isMessage) throw new Malformed('a message without a kind');
  return value as Parameters<MessageListener>[0];
}

function failureOf(value: unknown): InterplexError {
  const [code, reason] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof code !== 'string' || typeof reason !== 'string') throw new Malformed('a failure');
  return new InterplexError(isErrorCode(code) ? code : 'IPX_MESSAGE_FAILED', reason);
}

const unheard: MessageListener = ({ kind }) => {
  throw new InterplexError(
    'IPX_MESSAGE_UNHEARD',
    `Nobody listens to requests of kind "${kind}" there: call messenger.on("${kind}", …) first.`,
  );
};

const unanswered = (node: NodeId, { kind }: Message, timeoutMs: number) =>
  new InterplexError(
    'IPX_MESSAGE_TIMEOUT',
    `Node "${node}" did not answer the request "${kind}" within ${timeoutMs} ms; it may have ` +
      'been heard. Give a longer timeoutMs, or ask again with what makes it safe to repeat.',
  );
