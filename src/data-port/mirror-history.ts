/**
 * What outlives the process of a mirror's source, in a folder beside the file: `history.json` names
 * the lineage, which its replicas share, and for each target there is a dirty map (DP-10).
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InterplexError } from '../errors.ts';
import { failureOf, replaceFile } from './mirror-file.ts';
import { DirtyMap } from './mirror-map.ts';

/** How the file was when its mirror was closed: whoever changed it since was not seen. */
interface Seen {
  readonly inode: string;
  readonly length: number;
  readonly modifiedNs: string;
}
interface Words {
  readonly lineage: string;
  readonly blockBytes: number;
  readonly inode: string;
  readonly closed?: Seen;
}

export interface HistoryOptions {
  readonly file: string;
  readonly blockBytes: number;
  readonly isDurable: boolean;
}

/** Files that are mirrored from this thread. */
const taken = new Set<string>();

export class SourceHistory {
  readonly lineage: string;
  readonly blockBytes: number;
  /** Whether somebody else has changed the file since: then every block is marked. */
  readonly isUnsure: boolean;
  readonly #options: HistoryOptions;
  readonly #folder: string;
  readonly #maps = new Map<string, DirtyMap>();

  private constructor(folder: string, options: HistoryOptions, words: Words, isUnsure: boolean) {
    this.lineage = words.lineage;
    this.blockBytes = words.blockBytes;
    this.isUnsure = isUnsure;
    this.#options = { ...options, blockBytes: words.blockBytes };
    this.#folder = folder;
  }

  /** Rejects with IPX_MIRROR_HELD or IPX_MIRROR_HISTORY. */
  static async open(options: HistoryOptions): Promise<SourceHistory> {
    const folder = `${options.file}.mirror`;
    try {
      await mkdir(folder, { recursive: true });
      await takeHold(folder);
      const found = await wordsIn(folder);
      const seen = await seenOf(options.file);
      const { blockBytes } = options;
      const words = found ?? { lineage: randomUUID(), blockBytes, inode: seen.inode };
      const isAnother = words.inode !== seen.inode;
      const isChanged = words.closed !== undefined && !isSame(words.closed, seen);
      const history = new SourceHistory(folder, options, words, isAnother || isChanged);
      await history.#write({ lineage: words.lineage, blockBytes: words.blockBytes, ...seen });
      return history;
    } catch (error) {
      if (!(error instanceof InterplexError)) await letGo(folder);
      throw failureOf('IPX_MIRROR_HISTORY', `To keep "${folder}"`, error);
    }
  }

  /** What the target misses; `undefined` if nothing is known of it. */
  async mapOf(target: string): Promise<DirtyMap | undefined> {
    const known = this.#maps.get(target);
    if (known) return known;
    const { blockBytes, isDurable } = this.#options;
    const map = await DirtyMap.read(this.#pathOf(target), blockBytes, isDurable);
    if (map) this.#maps.set(target, map);
    return map;
  }

  /** A target that has nothing yet. */
  async newMap(target: string): Promise<DirtyMap> {
    await this.#maps.get(target)?.close();
    const { blockBytes, isDurable } = this.#options;
    const map = await DirtyMap.create(this.#pathOf(target), blockBytes, isDurable);
    this.#maps.set(target, map);
    return map;
  }

  /** For every target, in the files when it settles. Rejects with IPX_MIRROR_HISTORY. */
  async mark(first: number, last: number): Promise<void> {
    if (last < first) return;
    try {
      for (const map of this.#maps.values()) await map.mark(first, last);
    } catch (error) {
      throw failureOf('IPX_MIRROR_HISTORY', `To mark a change in "${this.#folder}"`, error);
    }
  }

  /** What was marked and is there by now need not be copied after a crash. */
  async trim(clearsMin: number): Promise<void> {
    for (const map of this.#maps.values()) if (map.clears >= clearsMin) await map.trim();
  }

  async close(): Promise<void> {
    await this.trim(1);
    for (const map of this.#maps.values()) await map.close();
    const { lineage, blockBytes } = this;
    const seen = await seenOf(this.#options.file).catch(() => undefined);
    if (seen) await this.#write({ lineage, blockBytes, inode: seen.inode, closed: seen });
    await letGo(this.#folder);
  }

  #pathOf(target: string): string {
    return join(this.#folder, `${encodeURIComponent(target)}.dirty`);
  }

  #write({ lineage, blockBytes, inode, closed }: Words): Promise<void> {
    const text = JSON.stringify({ lineage, blockBytes, inode, ...(closed && { closed }) });
    return replaceFile(join(this.#folder, 'history.json'), text, this.#options.isDurable);
  }
}

async function seenOf(file: string): Promise<Seen> {
  const { ino, size, mtimeNs } = await stat(file, { bigint: true });
  return { inode: String(ino), length: Number(size), modifiedNs: String(mtimeNs) };
}

const isSame = (one: Seen, other: Seen) =>
  one.inode === other.inode && one.length === other.length && one.modifiedNs === other.modifiedNs;

/** `undefined` if there is none, or it is damaged: then no target has a history. */
async function wordsIn(folder: string): Promise<Words | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, 'history.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const words = JSON.parse(text) as Words;
    const isWhole = typeof words.lineage === 'string' && Number.isSafeInteger(words.blockBytes);
    return isWhole && typeof words.inode === 'string' ? words : undefined;
  } catch {
    return undefined;
  }
}

/** One mirror keeps a file's maps. Rejects with IPX_MIRROR_HELD. */
async function takeHold(folder: string): Promise<void> {
  const path = join(folder, 'owner');
  const owner = Number(await readFile(path, 'utf8').catch(() => '0'));
  const isOurs = owner === process.pid && !taken.has(folder);
  if (owner > 0 && !isOurs && isAlive(owner)) {
    throw new InterplexError(
      'IPX_MIRROR_HELD',
      `The process ${owner} mirrors this file already: end it first. (If it is another program ` +
        `by now, remove "${path}".)`,
    );
  }
  taken.add(folder);
  await writeFile(path, String(process.pid));
}

async function letGo(folder: string): Promise<void> {
  taken.delete(folder);
  await rm(join(folder, 'owner'), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
