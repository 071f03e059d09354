/**
 * Frames of one turn of the event loop, packed into as few datagrams as their ways take: a datagram
 * costs as much as a hundred messages. What must not wait is not here; the turn's end is near.
 */
import { limits } from '../limits.ts';
import { ByteWriter } from '../wire/bytes.ts';
import type { Clock } from './clock.ts';

/** Where a datagram goes, and what is written at its beginning. */
export interface Destination {
  /** Unlike that of another adapter, address, port or session. */
  readonly key: string;
  /** The largest body. */
  readonly bodyBytes: number;
  begin(writer: ByteWriter): void;
  send(body: Uint8Array): void;
}

interface Cork {
  readonly destination: Destination;
  readonly writer: ByteWriter;
  /** Where the first frame begins. */
  readonly start: number;
}

export class Corks {
  readonly #clock: Clock;
  readonly #corks = new Map<string, Cork>();
  readonly #free: ByteWriter[] = [];
  #isDue = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A frame of at most `size` bytes; one that no datagram holds goes alone. */
  put(destination: Destination, size: number, write: (writer: ByteWriter) => void): void {
    const corked = this.#corks.get(destination.key);
    if (corked && corked.writer.end + size > destination.bodyBytes) this.#pull(corked);
    write((this.#corks.get(destination.key) ?? this.#begin(destination)).writer);
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.defer(() => this.flush());
  }

  flush(): void {
    this.#isDue = false;
    for (const cork of this.#corks.values()) this.#pull(cork);
  }

  #begin(destination: Destination): Cork {
    const writer = this.#free.pop() ?? new ByteWriter(limits.datagramBytesMax);
    destination.begin(writer);
    const cork = { destination, writer, start: writer.end };
    this.#corks.set(destination.key, cork);
    return cork;
  }

  #pull({ destination, writer, start }: Cork): void {
    this.#corks.delete(destination.key);
    if (writer.end > start) destination.send(writer.bytes.subarray(0, writer.end));
    writer.end = 0;
    if (this.#free.length < writersKept) this.#free.push(writer);
  }
}

/** Ways that are written to at once, mostly. */
const writersKept = 16;
