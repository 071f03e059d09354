/**
 * The source of a mirror (DP-10): the file, written through here, and what follows from a write.
 * The order of one write is: its blocks are marked for every target, in the maps' files; the file
 * is written; it gets its number and goes to the backlog and the channel. One thing at a time is
 * done, so the channel has the very order in which the file has changed.
 */
import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { InterplexError } from '../errors.ts';
import { bounds } from './mirror-bounds.ts';
import { Backlog } from './mirror-backlog.ts';
import { failureOf, openSource, readAll, writeAll } from './mirror-file.ts';
import { SourceHistory } from './mirror-history.ts';
import type { DirtyMap } from './mirror-map.ts';
import { encode, kinds, type Kind } from './mirror-wire.ts';

export interface SourceOptions {
  readonly file: string;
  readonly blockBytes: number;
  readonly backlogBytes: number;
  readonly isDurable: boolean;
  /** Whether a write waits while the target is slower than it; else it is only marked. */
  readonly isWaiting: boolean;
}
/** Where writes go while a replica takes them. */
export interface LiveStream {
  readonly session: number;
  readonly map: DirtyMap;
  post(message: Buffer): void;
}

export class MirrorSource {
  /** Of this process: numbers of writes count within it. */
  readonly run = randomUUID();
  readonly history: SourceHistory;
  readonly backlog: Backlog;
  readonly #options: SourceOptions;
  readonly #file: FileHandle;
  #turn: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #live: LiveStream | undefined;
  #whenRoom: (() => void)[] = [];
  #onBehind: () => void = () => {};
  /** Blocks that were written since somebody asked, while somebody compares. */
  readonly #watchers = new Set<Set<number>>();
  #isClosed = false;

  private constructor(options: SourceOptions, file: FileHandle, history: SourceHistory) {
    this.#options = options;
    this.#file = file;
    this.history = history;
    this.backlog = new Backlog(options.backlogBytes, 0);
  }

  /** Rejects with IPX_MIRROR_SOURCE, IPX_MIRROR_HELD or IPX_MIRROR_HISTORY. */
  static async open(options: SourceOptions): Promise<MirrorSource> {
    const file = await openSource(options.file);
    try {
      return new MirrorSource(options, file, await SourceHistory.open(options));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Opens the maps of the targets that have one; settles with whether the first has. Every block is
   * marked, where somebody else may have written it meanwhile: their sums tell whether one did.
   */
  async recall(targets: readonly string[], isWatched: boolean): Promise<boolean> {
    const maps = [];
    for (const target of targets) maps.push(await this.history.mapOf(target));
    if (isWatched || this.history.isUnsure) {
      const { first, last } = this.blocksOf(0, await this.length());
      await this.history.mark(first, last);
    }
    return maps[0] !== undefined;
  }

  get path(): string {
    return this.#options.file;
  }
  get sequence(): number {
    return this.#sequence;
  }
  get live(): LiveStream | undefined {
    return this.#live;
  }
  get blockBytes(): number {
    return this.history.blockBytes;
  }

  /** Told when something is marked that goes to nobody by itself. */
  set onBehind(listener: () => void) {
    this.#onBehind = listener;
  }

  async length(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  /** Settles when it is in the file, marked, and on its way. */
  write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.exclusive(async () => {
      this.#requireOpen();
      await this.#room();
      const { first, last } = this.blocksOf(offset, bytes.length);
      const missing = await this.#change(first, last, () => writeAll(this.#file, bytes, offset));
      this.#append(kinds.write, offset, bytes, { first, last, missing });
    });
  }

  truncate(length: number): Promise<void> {
    return this.exclusive(async () => {
      this.#requireOpen();
      await this.#room();
      const former = await this.length();
      const [from, to] = [Math.min(former, length), Math.max(former, length)];
      const { first, last } = this.blocksOf(from, to - from);
      const missing = await this.#change(first, last, () => this.#file.truncate(length));
      this.#append(kinds.truncate, length, new Uint8Array(), { first, last, missing });
    });
  }

  /** What is in the ranges now, beyond the order of writes: it is copied as it is. */
  async markChanged(ranges: readonly (readonly [offset: number, length: number])[]): Promise<void> {
    await this.exclusive(async () => {
      this.#forgetBacklog(); // Before: what is applied meanwhile must not take marks away.
      for (const [offset, length] of ranges) {
        const { first, last } = this.blocksOf(offset, length);
        await this.history.mark(first, last);
      }
      this.#onBehind();
    });
  }

  /** Only while nothing else is going on: `exclusive`. Whether there was anything to send. */
  async copy(block: number): Promise<boolean> {
    const offset = block * this.blockBytes;
    const bytes = await this.read(offset, this.blockBytes);
    if (bytes.length === 0) return false; // The file has become shorter.
    this.#append(kinds.write, offset, bytes, { first: block, last: block, missing: undefined });
    return true;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    try {
      return await readAll(this.#file, offset, length);
    } catch (error) {
      throw failureOf('IPX_MIRROR_SOURCE', `To read "${this.path}"`, error);
    }
  }

  /** One thing after the other: the order of the channel is the order of the file. */
  exclusive<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(act);
    this.#turn = Promise.allSettled([done]); // Whoever asked for it is told.
    return done;
  }

  /** A number for a word that is no write, so that it is known when that is heard. */
  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** Writes go there from now on. In `exclusive`. */
  enliven(live: LiveStream): void {
    this.#live = live;
  }

  /** They go nowhere, and nobody waits for room. */
  deaden(): void {
    this.#live = undefined;
    for (const go of this.#whenRoom.splice(0)) go();
  }

  /** The replica has applied all up to there. */
  applied(sequence: number): void {
    const map = this.#live?.map;
    if (!map) return;
    this.backlog.apply(sequence, (block) => map.clear(block));
    if (!this.backlog.isFull) for (const go of this.#whenRoom.splice(0)) go();
    if (map.clears >= bounds.hotBlocks) void this.#trim();
  }

  /** Settles when the backlog has room, or nobody takes anything any more. */
  async whenRoom(): Promise<void> {
    while (this.#live && this.backlog.isFull) {
      await new Promise<void>((resolve) => this.#whenRoom.push(resolve));
    }
  }

  /** The blocks that are written from now on, until `forget` is called. */
  watchWrites(): { readonly written: ReadonlySet<number>; forget(): void } {
    const written = new Set<number>();
    this.#watchers.add(written);
    return { written, forget: () => this.#watchers.delete(written) };
  }

  blocksOf(offset: number, length: number): { first: number; last: number } {
    const first = Math.floor(offset / this.blockBytes);
    return { first, last: Math.ceil((offset + length) / this.blockBytes) - 1 };
  }

  async close(): Promise<void> {
    await this.exclusive(async () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.deaden();
      await this.#file.close();
      await this.history.close();
    });
  }

  /** Where it fails, more stays marked than is missing. */
  async #trim(): Promise<void> {
    if (this.#isTrimming) return;
    this.#isTrimming = true;
    const trim = async () => {
      if (!this.#isClosed) await this.history.trim(bounds.hotBlocks);
    };
    await Promise.allSettled([this.exclusive(trim)]);
    this.#isTrimming = false;
  }
  #isTrimming = false;

  async #room(): Promise<void> {
    if (this.#options.isWaiting) await this.whenRoom();
    else if (this.#live && this.backlog.isFull) this.#fallBehind();
  }

  /** Marks the blocks, then changes the file. What the replica lacks of them besides. */
  async #change(
    first: number,
    last: number,
    act: () => Promise<void>,
  ): Promise<ReadonlySet<number> | undefined> {
    const missing = this.#missingOf(first, last);
    this.#noteWritten(first, last);
    this.backlog.reserve({ sequence: this.#sequence + 1, first, last, missing });
    try {
      await this.history.mark(first, last);
      await act();
    } catch (error) {
      this.#fallBehind(); // Some of it may be there: it is copied as it is.
      throw failureOf('IPX_MIRROR_SOURCE', `To change "${this.path}"`, error);
    }
    return missing;
  }

  #noteWritten(first: number, last: number): void {
    for (const written of this.#watchers) {
      for (let block = first; block <= last; block += 1) written.add(block);
    }
  }

  #append(
    kind: Kind,
    offset: number,
    bytes: Uint8Array,
    blocks: { first: number; last: number; missing: ReadonlySet<number> | undefined },
  ): void {
    this.#sequence += 1;
    const sequence = this.#sequence;
    const live = this.#live;
    if (!live && this.backlog.isFull) this.backlog.drop(sequence - 1);
    const message = encode(kind, { session: live?.session ?? 0, sequence, offset }, bytes);
    this.backlog.add({ sequence, message, ...blocks });
    live?.post(message);
  }

  /** Blocks that the replica lacks for other reasons than that they are on their way. */
  #missingOf(first: number, last: number): ReadonlySet<number> | undefined {
    const map = this.#live?.map;
    if (!map) return undefined;
    let missing: Set<number> | undefined;
    for (let block = first; block <= last; block += 1) {
      if (map.has(block) && !this.backlog.isUnderWay(block)) (missing ??= new Set()).add(block);
    }
    return missing;
  }

  /** The backlog does not have all any more; the maps do. */
  #fallBehind(): void {
    this.#forgetBacklog();
    this.#onBehind();
  }

  #forgetBacklog(): void {
    this.deaden();
    this.backlog.drop(this.#sequence);
  }

  #requireOpen(): void {
    if (!this.#isClosed) return;
    throw new InterplexError('IPX_MIRROR_CLOSED', 'The mirror is closed: open another one.');
  }
}
