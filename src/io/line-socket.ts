/** JSON values, a line each, between processes of one user, over a Unix socket. Bounded. */
import type { Socket } from 'node:net';

/** A line is an answer about some hundreds of units. */
const lineBytesMax = 256 * 1_024;
/** What a partner that does not read may leave here before it is given up. */
const unreadBytesMax = 4 * 1_024 * 1_024;

export interface LineEvents<Heard> {
  onHeard(value: Heard): void;
  /** Once: it is closed, by whichever side, or was given up. */
  onLost(): void;
}

export class LineSocket<Said, Heard> {
  readonly #socket: Socket;
  #text = '';

  constructor(socket: Socket, events: LineEvents<Heard>) {
    this.#socket = socket.setEncoding('utf8').unref();
    socket.on('error', () => socket.destroy()); // 'close' follows, and tells.
    socket.on('close', () => events.onLost());
    socket.on('data', (part: string) => {
      const lines = (this.#text + part).split('\n');
      this.#text = lines.pop() ?? '';
      if (this.#text.length > lineBytesMax) socket.destroy();
      for (const line of lines) this.#hear(line, events);
    });
  }

  say(value: Said): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(`${JSON.stringify(value)}\n`);
    if (this.#socket.writableLength > unreadBytesMax) this.#socket.destroy();
  }

  /** Whether it keeps the process, as while an answer is awaited. */
  hold(isAwaited: boolean): void {
    if (isAwaited) this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** What is no JSON is no partner of ours. */
  #hear(line: string, events: LineEvents<Heard>): void {
    if (this.#socket.destroyed) return;
    let value: Heard;
    try {
      value = JSON.parse(line) as Heard;
    } catch {
      this.#socket.destroy();
      return;
    }
    events.onHeard(value);
  }
}
