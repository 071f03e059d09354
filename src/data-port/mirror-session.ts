/**
 * A mirror's conversation with one replica, from its greeting to the end of the channel or a change
 * of target: what the machine's effects do. What is said in another session does not count.
 */
import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import type { MirrorEvent } from '../../actors/data-port/mirror.ts';
import { InterplexError, isErrorCode, sentenceOf } from '../errors.ts';
import type { MirrorChannel } from './mirror-channel.ts';
import type { DirtyMap } from './mirror-map.ts';
import type { MirrorSource } from './mirror-source.ts';
import { historyOf, unmarkAlike } from './mirror-standing.ts';
import { comparisonOf, SumsWishes, type Comparison } from './mirror-sums.ts';
import {
  decode,
  encode,
  kinds,
  readWords,
  refusalWords,
  restamp,
  standingWords,
  wordsOf,
  type Kind,
  type Standing,
} from './mirror-wire.ts';

export interface SessionWorld {
  readonly source: MirrorSource;
  readonly channel: MirrorChannel;
  /** Marks what others have changed, where others write the file. */
  readonly look: (() => Promise<void>) | undefined;
  readonly tell: (event: MirrorEvent) => void;
  /** More is applied. */
  readonly wake: () => void;
}

/** Bytes that were sent to replicas: what brought them level, and what was written meanwhile. */
export interface SentBytes {
  copied: number;
  resent: number;
}

export class MirrorSession {
  readonly target: string;
  readonly #id = randomInt(1, 2 ** 32);
  readonly #world: SessionWorld;
  readonly #sent: SentBytes;
  readonly #wishes = new SumsWishes();
  #standing: Standing = standingWords;
  #applied = 0;
  #whenApplied: (() => void)[] = [];
  #isOver = false;
  #isBehind = false;
  #isSynchronising = false;
  #missedBlocks = 0;

  constructor(world: SessionWorld, sent: SentBytes) {
    this.#world = world;
    this.#sent = sent;
    this.target = world.channel.target;
    world.source.onBehind = () => this.#noteBehind();
  }

  get applied(): number {
    return this.#applied;
  }
  /** Blocks that were marked when they began to be copied. */
  get missedBlocks(): number {
    return this.#missedBlocks;
  }

  greet(): void {
    const { source } = this.#world;
    const hello = { lineage: source.history.lineage, file: basename(source.path) };
    this.#say(kinds.hello, {}, wordsOf(hello));
  }

  /** What the replica has missed is still in the backlog. */
  resend(): Promise<void> {
    return this.#do(async () => {
      const { source } = this.#world;
      const { backlog } = source;
      const last = await source.exclusive(async () => {
        // Writes that were waiting their turn may have filled it meanwhile.
        if (this.#standing.applied < backlog.start) return undefined;
        const map = await this.#mapOf();
        const rest = backlog.rewind(this.#standing.applied);
        map.clearAll(); // A prefix of this run's writes misses nothing else.
        for (const { first, last: end } of rest) await map.mark(first, end);
        this.#applied = this.#standing.applied;
        this.#enliven(map);
        await this.#begin(true);
        for (const { message } of rest) {
          this.#sent.resent += message.length;
          this.#post(restamp(message, this.#id));
        }
        return source.sequence;
      });
      if (last !== undefined) await this.#until(() => this.#applied >= last || this.#isBehind);
      if (last === undefined || this.#isBehind) this.#world.tell({ type: 'ranges.marked' });
      else this.#world.tell({ type: 'replica.level' });
    });
  }

  /** What the map has marked is copied; or all, where there is no common history. */
  resynchronise(isAll: boolean): Promise<void> {
    return this.#do(async () => {
      const { source } = this.#world;
      this.#isSynchronising = true;
      if (isAll) await this.#markAll();
      do {
        this.#isBehind = false;
        const map = await this.#beginRanges();
        if (!isAll) {
          const compare = (offset: number, bytes: number) => this.compare(offset, bytes);
          await unmarkAlike({ source, map, compare, goesOn: () => this.#goesOn });
        }
        this.#missedBlocks = map.count;
        await this.#copyMarked(map);
        await this.#world.look?.();
        if (!this.#isBehind) await this.#level();
      } while (this.#isBehind && !this.#isOver);
      this.#isSynchronising = false;
      if (!this.#isOver) this.#world.tell({ type: 'replica.level' });
    });
  }

  /** Settles when all that was written is applied. */
  async drain(): Promise<void> {
    await this.#do(async () => {
      const last = await this.#world.source.exclusive(async () => this.#world.source.sequence);
      await this.#until(() => this.#applied >= last);
      this.#world.tell({ type: 'replica.drained' });
    });
  }

  /** Sums of the range on both sides, at one moment of the order of writes. */
  async compare(offset: number, bytes: number): Promise<Comparison> {
    const { source } = this.#world;
    const { blockBytes } = source;
    const asked = await source.exclusive(async () => {
      if (this.#isOver) throw interrupted();
      const own = await source.read(offset, bytes);
      const length = await source.length();
      const answer = this.#wishes.make(offset);
      this.#say(kinds.sums, { offset }, wordsOf({ bytes, blockBytes }));
      return { own, length, answer };
    });
    return comparisonOf(offset, blockBytes, asked.own, asked.length, await asked.answer);
  }

  /** What came over the channel. */
  receive(bytes: Buffer): void {
    const { kind, session, sequence, offset, body } = decode(bytes);
    if (session !== this.#id || this.#isOver) return;
    if (kind === kinds.standing) void this.#do(() => this.#judge(readWords(body, standingWords)));
    else if (kind === kinds.applied) this.#noteApplied(sequence);
    else if (kind === kinds.summed) this.#wishes.answer(offset, { sums: body, length: sequence });
    else if (kind === kinds.refusal) {
      const { code, reason } = readWords(body, refusalWords);
      const known = isErrorCode(code) ? code : 'IPX_MIRROR_REPLICA';
      this.#world.tell({ type: 'channel.lost', refusal: { code: known, reason } });
    }
  }

  /** What was under way may or may not be applied: the next session asks. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { source } = this.#world;
    if (source.live?.session === this.#id) source.deaden();
    this.#wishes.end(interrupted());
    this.#wake();
  }

  async #judge(standing: Standing): Promise<void> {
    this.#standing = standing;
    const history = await historyOf(this.#world.source, this.target, standing);
    if (!this.#isOver) this.#world.tell({ type: 'replica.greeted', history });
  }

  /** Every block is marked before the replica is of this lineage, or nobody would know it. */
  async #markAll(): Promise<void> {
    const { source } = this.#world;
    await source.exclusive(async () => {
      const map = await source.history.newMap(this.target);
      const { first, last } = source.blocksOf(0, await source.length());
      if (last >= first) await map.mark(first, last);
    });
  }

  #beginRanges(): Promise<DirtyMap> {
    const { source } = this.#world;
    return source.exclusive(async () => {
      const map = await this.#mapOf();
      source.backlog.drop(source.sequence);
      this.#enliven(map);
      await this.#begin(false);
      return map;
    });
  }

  async #copyMarked(map: DirtyMap): Promise<void> {
    const { source } = this.#world;
    for (let block = map.next(0); block >= 0 && this.#goesOn; block = map.next(block + 1)) {
      const at = block;
      await source.whenRoom();
      await source.exclusive(async () => {
        if (!this.#goesOn || !map.has(at)) return;
        if (await source.copy(at)) this.#sent.copied += source.blockBytes;
        else map.clear(at);
      });
    }
  }

  async #level(): Promise<void> {
    const { source } = this.#world;
    const last = await source.exclusive(async () => {
      const sequence = source.nextSequence();
      this.#say(kinds.level, { sequence });
      return sequence;
    });
    await this.#until(() => this.#applied >= last || this.#isBehind);
  }

  get #goesOn(): boolean {
    return !this.#isOver && !this.#isBehind;
  }

  async #mapOf(): Promise<DirtyMap> {
    const { history } = this.#world.source;
    return (await history.mapOf(this.target)) ?? history.newMap(this.target);
  }

  #enliven(map: DirtyMap): void {
    if (this.#isOver) throw interrupted();
    const post = (message: Buffer) => this.#post(message);
    this.#world.source.enliven({ session: this.#id, map, post });
  }

  async #begin(isResumed: boolean): Promise<void> {
    const { source } = this.#world;
    const { run, sequence, history } = source;
    const words = { lineage: history.lineage, run, isResumed, length: await source.length() };
    this.#say(kinds.begin, { sequence }, wordsOf(words));
  }

  #say(kind: Kind, at: { sequence?: number; offset?: number }, body?: Buffer): void {
    this.#post(encode(kind, { session: this.#id, ...at }, body));
  }

  /** What cannot go any more is told by the channel's end. */
  #post(message: Buffer): void {
    if (!this.#isOver) void Promise.allSettled([this.#world.channel.post(message)]);
  }

  #noteApplied(sequence: number): void {
    this.#applied = Math.max(this.#applied, sequence);
    if (this.#world.source.live?.session === this.#id) this.#world.source.applied(sequence);
    this.#wake();
  }

  #noteBehind(): void {
    if (this.#isOver) return;
    this.#isBehind = true;
    if (this.#isSynchronising) this.#wake();
    else this.#world.tell({ type: 'ranges.marked' });
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#isOver) {
      await new Promise<void>((resolve) => this.#whenApplied.push(resolve));
    }
    if (this.#isOver) throw interrupted();
  }

  #wake(): void {
    this.#world.wake();
    for (const go of this.#whenApplied.splice(0)) go();
  }

  /** Of what goes wrong, the end of the session is told elsewhere. */
  async #do(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (this.#isOver) return;
      const code = error instanceof InterplexError ? error.code : 'IPX_MIRROR_SOURCE';
      const refusal = { code, reason: sentenceOf(error) };
      this.#world.tell({ type: 'source.failed', refusal });
    }
  }
}

const interrupted = () =>
  new InterplexError('IPX_MIRROR_LOST', 'The replica was lost on the way: it is tried again.');
