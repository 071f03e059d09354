/** Clients of the demo's chat that move from room to room, each as soon as it has arrived. */
import { connect, type Socket } from 'node:net';

const rooms = ['kitchen', 'attic', 'cellar', 'garden'];

export class MovingClients {
  #moves = 0;
  readonly #sockets: readonly Socket[];

  constructor(port: number, count: number) {
    this.#sockets = Array.from({ length: count }, (_, index) => this.#open(port, index));
  }

  /** Moves a second, for so long. */
  async rate(ms: number): Promise<number> {
    const before = this.#moves;
    const begunAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ((this.#moves - before) / (performance.now() - begunAt)) * 1_000;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(port: number, index: number): Socket {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let place = index;
    socket.on('error', () => undefined);
    socket.on('data', (text: Buffer) => {
      if (!text.includes('joined ')) return;
      this.#moves += 1;
      place += 1;
      socket.write(`/move ${rooms[place % rooms.length]}\n`);
    });
    socket.write(`user-${index}\n${rooms[index % rooms.length]}\n`);
    return socket;
  }
}
