/**
 * A file of 32-bit words that outlives its process: what is written has reached the kernel when the
 * call returns, so that no kill loses it. One process has it at a time; a name that lives as long
 * as that process says which.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { constants } from 'node:fs';

const wordBytes = Int32Array.BYTES_PER_ELEMENT;

export class WordFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #word = new Int32Array(1);

  /** Made where there is none. Throws the system's error. */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  read(): Int32Array {
    const { size } = fstatSync(this.#descriptor);
    const words = new Int32Array(Math.floor(size / wordBytes));
    const length = readSync(this.#descriptor, words, 0, words.byteLength, 0);
    return words.subarray(0, length / wordBytes);
  }

  /** One word. */
  write(at: number, value: number): void {
    this.#word[0] = value;
    writeSync(this.#descriptor, this.#word, 0, wordBytes, at * wordBytes);
  }

  /** All of them anew; the first, by which it is known, last. */
  lay(words: Int32Array): void {
    ftruncateSync(this.#descriptor, 0);
    const [first = 0] = words;
    const body = Int32Array.from(words).fill(0, 0, 1);
    writeSync(this.#descriptor, body, 0, body.byteLength, 0);
    this.write(0, first);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  remove(): void {
    this.close();
    rmSync(this.#path, { force: true });
  }
}
