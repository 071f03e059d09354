/** A client of a VIPA: a plain socket, with waits that are bounded and say what did not come. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Command } from './applications/commands.ts';
import { within } from './until.ts';

const patienceMs = 8_000;

export class TestClient {
  readonly socket: Socket;
  /** Settles with how the connection came to its end, as the client sees it. */
  readonly ended: Promise<'end' | 'reset'>;
  #chunks: Buffer[] = [];
  #length = 0;
  #wake: (() => void) | undefined;
  #isOver = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake?.();
    });
    let isReset = false;
    socket.on('error', () => (isReset = true));
    this.ended = new Promise((resolve) => {
      const finish = () => {
        this.#isOver = true;
        this.#wake?.();
        resolve(isReset ? 'reset' : 'end');
      };
      socket.once('end', finish).once('close', finish);
    });
  }

  /** With `allowHalfOpen` the client's own side stays open when the server ends. */
  static async connect(port: number, { allowHalfOpen = false } = {}): Promise<TestClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen, noDelay: true });
    await once(socket, 'connect');
    return new TestClient(socket);
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Tells the application what to do, for its `steered` code. */
  tell(...commands: Command[]): void {
    this.send(commands.map((command) => `${JSON.stringify(command)}\n`).join(''));
  }

  /** Tells it, and reads one line of answer. */
  async ask<Answer>(command: Command): Promise<Answer> {
    this.tell(command);
    return this.answer<Answer>();
  }

  async answer<Answer>(): Promise<Answer> {
    return JSON.parse(await this.line()) as Answer;
  }

  async line(): Promise<string> {
    const end = await this.#measured('a line', () => this.#unseen().indexOf(0x0a) + 1);
    return this.#take(end).toString('utf8', 0, end - 1);
  }

  async bytes(count: number): Promise<Buffer> {
    await this.#measured(`${count} bytes`, () => (this.#length >= count ? count : 0));
    return this.#take(count);
  }

  /** The end, or the error if it takes longer than anything here may. */
  over(withinMs = patienceMs): Promise<'end' | 'reset'> {
    return within(withinMs, 'the end of the connection', this.ended);
  }

  /** Ends with a reset instead of an end. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async #measured(what: string, measure: () => number): Promise<number> {
    const found = async () => {
      for (;;) {
        const length = measure();
        if (length > 0) return length;
        if (this.#isOver) throw new Error(`The connection ended before ${what}: ${this.#shown()}`);
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    };
    return within(patienceMs, what, found());
  }

  #take(count: number): Buffer {
    const all = this.#unseen();
    this.#chunks = [all.subarray(count)];
    this.#length -= count;
    return all.subarray(0, count);
  }

  #unseen(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  #shown = () => JSON.stringify(this.#unseen().toString('latin1', 0, 200));
}
