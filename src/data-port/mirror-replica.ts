/**
 * A replica of a mirrored file (DP-10), with how far it is in a folder beside it. While it is
 * consistent it is exactly the first so many writes of its source, in their order, whenever its
 * process ends. In a resynchronisation it is not, and says so, until it is level again.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { bounds } from './mirror-bounds.ts';
import { readAll, replaceFile, writeAll } from './mirror-file.ts';
import { Journal } from './mirror-journal.ts';
import {
  decode,
  kinds,
  readWords,
  standingWords,
  type Beginning,
  type Message,
  type Standing,
  type SumsWish,
} from './mirror-wire.ts';

interface Words extends Standing {
  readonly inode: string;
}
const nothing: Standing = standingWords;

export class Replica {
  readonly path: string;
  readonly #isDurable: boolean;
  readonly #file: FileHandle;
  readonly #journal: Journal;
  #standing: Standing;

  private constructor(path: string, file: FileHandle, journal: Journal, isDurable: boolean) {
    this.path = path;
    this.#file = file;
    this.#journal = journal;
    this.#isDurable = isDurable;
    this.#standing = nothing;
  }

  /** Finishes what an end has interrupted. Rejects with the system's error. */
  static async open(path: string, isDurable: boolean): Promise<Replica> {
    const folder = `${path}.mirror`;
    await mkdir(folder, { recursive: true });
    const file = await openOrMake(path);
    const journalFile = await openOrMake(join(folder, 'journal'));
    const replica = new Replica(path, file, new Journal(journalFile), isDurable);
    await replica.#recover(folder);
    return replica;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** What follows is applied from here on. */
  async begin({ lineage, run, isResumed, length }: Beginning, sequence: number): Promise<void> {
    if (isResumed) return;
    const former = this.#standing;
    const isAnother = former.lineage !== lineage;
    const next = { lineage, run, applied: sequence, isConsistent: false, isBlank: false };
    await this.#store(next);
    await this.#journal.clear();
    if (isAnother) await this.#file.truncate(0); // What another source has written is not wanted.
    await this.#file.truncate(length);
  }

  /** Writes of one batch, in order. While it is consistent, the journal has all before the file. */
  async apply(batch: readonly { readonly bytes: Buffer; readonly message: Message }[]) {
    const last = batch.at(-1)?.message.sequence ?? 0;
    const { isConsistent } = this.#standing;
    if (isConsistent) {
      const taken = batch.map(({ bytes }) => bytes);
      await this.#journal.append(taken, this.#isDurable);
    }
    for (const { message } of batch) await this.#put(message);
    if (!isConsistent && this.#isDurable) await this.#file.datasync();
    this.#standing = { ...this.#standing, applied: last };
    if (this.#journal.length > bounds.journalBytes) await this.#checkpoint();
  }

  /** It is as its source was after `sequence` writes. */
  async level(sequence: number): Promise<void> {
    await this.#store({ ...this.#standing, applied: sequence, isConsistent: true });
  }

  /** SHA-256 of each block of the range, one after the other, and how long the file is. */
  async sums(offset: number, { bytes, blockBytes }: SumsWish): Promise<[Buffer, number]> {
    const { size } = await this.#file.stat();
    return [sumsOf(await readAll(this.#file, offset, bytes), blockBytes), size];
  }

  async close(): Promise<void> {
    await this.#checkpoint();
    await this.abandon();
  }

  /** The same, where its file cannot be written: the journal keeps what is not in it. */
  async abandon(): Promise<void> {
    await this.#journal.close();
    await this.#file.close();
  }

  async #recover(folder: string): Promise<void> {
    this.#standing = await this.#standingIn(folder);
    for await (const record of this.#journal.records()) {
      const message = decode(record);
      if (!this.#standing.isConsistent || message.sequence <= this.#standing.applied) continue;
      await this.#put(message);
      this.#standing = { ...this.#standing, applied: message.sequence };
    }
    await this.#checkpoint();
  }

  async #standingIn(folder: string): Promise<Standing> {
    const { ino, size } = await this.#file.stat({ bigint: true });
    const blank = { ...nothing, isBlank: size === 0n };
    const text = await readFile(join(folder, 'standing.json'), 'utf8').catch(() => '');
    try {
      const words = readWords<Words>(Buffer.from(text), { ...nothing, inode: '' });
      // Another file has come in the place of the one that was known.
      return words.inode === String(ino) ? { ...words, isBlank: false } : blank;
    } catch {
      return blank;
    }
  }

  async #put({ kind, offset, body }: Message): Promise<void> {
    if (kind === kinds.truncate) await this.#file.truncate(offset);
    else await writeAll(this.#file, body, offset);
  }

  /** All that the journal has is in the file, and the standing says so, before it is emptied. */
  async #checkpoint(): Promise<void> {
    if (this.#standing.lineage !== '') await this.#store(this.#standing);
    await this.#journal.clear();
  }

  async #store(standing: Standing): Promise<void> {
    if (this.#isDurable) await this.#file.datasync();
    const { ino } = await this.#file.stat({ bigint: true });
    const text = JSON.stringify({ ...standing, inode: String(ino) });
    await replaceFile(join(`${this.path}.mirror`, 'standing.json'), text, this.#isDurable);
    this.#standing = standing;
  }
}

/** SHA-256 of each block of the bytes, one after the other. */
export function sumsOf(bytes: Buffer, blockBytes: number): Buffer {
  const sums: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    sums.push(
      createHash('sha256')
        .update(bytes.subarray(at, at + blockBytes))
        .digest(),
    );
  }
  return Buffer.concat(sums);
}

async function openOrMake(path: string): Promise<FileHandle> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    throw Object.assign(new Error(`"${path}" is a folder`), { code: 'EISDIR' });
  }
  return open(path, found ? 'r+' : 'w+');
}
