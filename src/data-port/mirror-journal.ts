/**
 * Writes that a replica has taken, before they are in its file: after an end at any moment they are
 * done again, so that the file is a whole number of the source's writes and no torn one. Each
 * record is its length and CRC-32, then the message as it came.
 */
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { readAll } from './mirror-file.ts';

const headBytes = 8;

export class Journal {
  readonly #file: FileHandle;
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes of it. */
  get length(): number {
    return this.#length;
  }

  /** The whole records, in order; what follows the last one was not taken. */
  async *records(): AsyncGenerator<Buffer> {
    const { size } = await this.#file.stat();
    let at = 0;
    while (at + headBytes <= size) {
      const head = await readAll(this.#file, at, headBytes);
      const length = head.readUInt32LE(0);
      if (at + headBytes + length > size) break;
      const message = await readAll(this.#file, at + headBytes, length);
      if (message.length < length || crc32(message) !== head.readUInt32LE(4)) break;
      at += headBytes + length;
      this.#length = at;
      yield message;
    }
    await this.#file.truncate(this.#length);
  }

  /** All of them or, where it rejects, none. */
  async append(messages: readonly Buffer[], isDurable: boolean): Promise<void> {
    const parts = messages.flatMap((message) => {
      const head = Buffer.allocUnsafe(headBytes);
      head.writeUInt32LE(message.length, 0);
      head.writeUInt32LE(crc32(message), 4);
      return [head, message];
    });
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      const { bytesWritten } = await this.#file.writev(parts, this.#length);
      if (bytesWritten < length) throw shortWrite();
      if (isDurable) await this.#file.datasync();
    } catch (error) {
      await this.#file.truncate(this.#length);
      throw error;
    }
    this.#length += length;
  }

  async clear(): Promise<void> {
    await this.#file.truncate(0);
    this.#length = 0;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

const shortWrite = () => Object.assign(new Error('a short write'), { code: 'ENOSPC' });
