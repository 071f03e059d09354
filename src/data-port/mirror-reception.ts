/**
 * Where mirrors come in (DP-10): each source names its file, is told how far the replica is, and
 * then writes. Of one replica the source that said hello last is heard, and no other.
 */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InterplexError, sentenceOf } from '../errors.ts';
import { bounds } from './mirror-bounds.ts';
import { failureOf } from './mirror-file.ts';
import { Replica } from './mirror-replica.ts';
import {
  beginningWords,
  decode,
  encode,
  helloWords,
  kinds,
  readWords,
  sumsWords,
  wordsOf,
  type Kind,
  type Message,
} from './mirror-wire.ts';

/** The way back to a source: a channel of a data port. */
export interface SourceChannel {
  post(message: Buffer): Promise<void>;
  /** Another one has come in its place. */
  leave(): Promise<void>;
}
export interface ReceptionOptions {
  /** A file, or a folder in which each replica is named as its source. */
  readonly into: string;
  readonly isDurable: boolean;
  readonly onEvent: (event: ReplicaEvent) => void;
}
export type ReplicaEvent =
  | { readonly type: 'replica.begun'; readonly file: string; readonly isResumed: boolean }
  | { readonly type: 'replica.level'; readonly file: string; readonly sequence: number }
  | {
      readonly type: 'replica.refused';
      readonly file: string;
      readonly code: string;
      readonly reason: string;
    };

interface Place {
  readonly replica: Replica;
  /** Who may write it. */
  owner: MirrorReception;
}
interface Received {
  readonly bytes: Buffer;
  readonly message: Message;
}

/** The replicas of one receiving side. */
export class Replicas {
  readonly options: ReceptionOptions;
  readonly #open = new Map<string, Place>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ReceptionOptions) {
    this.options = options;
  }

  /** One piece of work after the other, whatever channel it came over. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = Promise.allSettled([done]); // Whoever asked for it is told.
    return done;
  }

  /** Rejects with IPX_MIRROR_MESSAGE, IPX_MIRROR_LIMIT or the system's error. */
  async take(file: string, owner: MirrorReception): Promise<Place> {
    const path = await this.#pathOf(file);
    const known = this.#open.get(path);
    if (known) {
      if (known.owner !== owner) void known.owner.leave();
      known.owner = owner;
      return known;
    }
    if (this.#open.size >= bounds.replicasMax) {
      const sentence = `The target keeps ${bounds.replicasMax} replicas: name another one.`;
      throw new InterplexError('IPX_MIRROR_LIMIT', sentence);
    }
    const place = { replica: await Replica.open(path, this.options.isDurable), owner };
    this.#open.set(path, place);
    return place;
  }

  /** Its file could not be written: it is opened anew, and what its journal has is done again. */
  async forsake({ replica }: Place): Promise<void> {
    this.#open.delete(replica.path);
    await replica.abandon();
  }

  async close(): Promise<void> {
    await this.inTurn(async () => {
      for (const { replica } of this.#open.values()) await replica.close();
      this.#open.clear();
    });
  }

  async #pathOf(file: string): Promise<string> {
    const into = resolve(this.options.into);
    const found = await stat(into).catch(() => undefined);
    if (found?.isDirectory() !== true) return into;
    const isName = file !== '' && basename(file) === file && !file.startsWith('.');
    if (isName && !file.endsWith('.mirror')) return join(into, file);
    throw new InterplexError('IPX_MIRROR_MESSAGE', `"${file}" is no name of a replica.`);
  }
}

/** One source's channel. */
export class MirrorReception {
  readonly #replicas: Replicas;
  readonly #channel: SourceChannel;
  #place: Place | undefined;
  #session = 0;
  #file = '';
  #queue: Received[] = [];
  #queuedBytes = 0;
  #working: Promise<void> | undefined;

  constructor(replicas: Replicas, channel: SourceChannel) {
    this.#replicas = replicas;
    this.#channel = channel;
  }

  leave(): Promise<void> {
    return this.#channel.leave();
  }

  /** Settles when there is room for more. */
  async receive(bytes: Buffer): Promise<void> {
    try {
      this.#queue.push({ bytes, message: decode(bytes) });
    } catch (error) {
      await this.#refuse(0, error);
      return;
    }
    this.#queuedBytes += bytes.length;
    this.#working ??= this.#work();
    if (this.#queuedBytes > bounds.queueBytes) await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      this.#queuedBytes = 0;
      await this.#replicas.inTurn(() => this.#takeAll(batch));
    }
    this.#working = undefined;
  }

  async #takeAll(batch: readonly Received[]): Promise<void> {
    for (let at = 0; at < batch.length;) {
      const { message } = batch[at]!;
      const end = isWrite(message) ? endOfWrites(batch, at) : at + 1;
      try {
        if (isWrite(message)) await this.#write(batch.slice(at, end));
        else await this.#obey(message);
      } catch (error) {
        await this.#refuse(message.session, error);
      }
      at = end;
    }
  }

  async #write(writes: readonly Received[]): Promise<void> {
    const { message } = writes[0]!;
    const place = this.#current(message);
    if (!place) return;
    await place.replica.apply(writes);
    this.#say(kinds.applied, writes.at(-1)!.message.sequence);
  }

  async #obey(message: Message): Promise<void> {
    if (message.kind === kinds.hello) {
      await this.#greet(message);
      return;
    }
    const place = this.#current(message);
    if (!place) return; // Of a session that is over.
    const { replica } = place;
    const { sequence, body, offset } = message;
    if (message.kind === kinds.begin) {
      const beginning = readWords(body, beginningWords);
      await replica.begin(beginning, sequence);
      this.#tell({ type: 'replica.begun', file: replica.path, isResumed: beginning.isResumed });
    } else if (message.kind === kinds.level) {
      await replica.level(sequence);
      this.#say(kinds.applied, sequence);
      this.#tell({ type: 'replica.level', file: replica.path, sequence });
    } else if (message.kind === kinds.sums) {
      const wish = readWords(body, sumsWords);
      if (wish.bytes > bounds.sumsBytes || wish.blockBytes < 1) {
        throw new InterplexError('IPX_MIRROR_MESSAGE', 'Sums of too much were wished for.');
      }
      const [sums, length] = await replica.sums(offset, wish);
      const answer = { session: this.#session, sequence: length, offset };
      this.#post(encode(kinds.summed, answer, sums));
    }
  }

  async #greet({ session, body }: Message): Promise<void> {
    const { file } = readWords(body, helloWords);
    this.#session = session;
    this.#file = file;
    this.#place = await this.#replicas.take(file, this);
    const standing = encode(kinds.standing, { session }, wordsOf(this.#place.replica.standing));
    this.#post(standing);
  }

  /** The replica, if the message is of the session that may write it. */
  #current({ session }: Message): Place | undefined {
    const place = this.#place;
    return session === this.#session && place?.owner === this ? place : undefined;
  }

  #say(kind: Kind, sequence: number): void {
    const message = encode(kind, { session: this.#session, sequence });
    this.#post(message);
  }

  /** The session is over: nothing of it that comes later is applied. */
  async #refuse(session: number, thrown: unknown): Promise<void> {
    const place = this.#place;
    this.#place = undefined;
    if (place?.owner === this) await Promise.allSettled([this.#replicas.forsake(place)]);
    const error = failureOf('IPX_MIRROR_REPLICA', 'To keep the replica', thrown);
    const words = { code: error.code, reason: sentenceOf(error) };
    this.#post(encode(kinds.refusal, { session }, wordsOf(words)));
    this.#tell({ type: 'replica.refused', file: place?.replica.path ?? this.#file, ...words });
  }

  /** Where the channel has ended, the source is told by that. */
  #post(message: Buffer): void {
    void Promise.allSettled([this.#channel.post(message)]);
  }

  #tell(event: ReplicaEvent): void {
    this.#replicas.options.onEvent(event);
  }
}

const isWrite = ({ kind }: Message) => kind === kinds.write || kind === kinds.truncate;

function endOfWrites(batch: readonly Received[], from: number): number {
  const { session } = batch[from]!.message;
  let end = from + 1;
  for (; end < batch.length; end += 1) {
    const { message } = batch[end]!;
    if (!isWrite(message) || message.session !== session) break;
  }
  return end;
}
