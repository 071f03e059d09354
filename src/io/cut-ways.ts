/**
 * Sockets over which the way to an address can be cut for a while, as if a cable were pulled:
 * nothing goes there, and nothing that comes from there is heard. For whoever wants to see what
 * becomes of it; without a cut a datagram passes by one comparison.
 */
import type { DatagramListener, OpenDatagramSocket } from './udp.ts';

export class CutWays {
  readonly open: OpenDatagramSocket;
  /** Until when, by address and port. */
  readonly #cuts = new Map<string, number>();

  constructor(open: OpenDatagramSocket) {
    this.open = (own, ownPort, listener, ...marks) => {
      const cutting: DatagramListener = {
        onOpen: (...opened) => listener.onOpen(...opened),
        onDatagram: (bytes, address, port) => {
          if (this.#cuts.size > 0 && this.#isCut(address, port)) return;
          listener.onDatagram(bytes, address, port);
        },
        onFailed: (error) => listener.onFailed(error),
        onUnsent: (error, address, port) => listener.onUnsent(error, address, port),
      };
      const socket = open(own, ownPort, cutting, ...marks);
      return {
        send: (bytes, address, port) => {
          if (this.#cuts.size > 0 && this.#isCut(address, port)) return;
          socket.send(bytes, address, port);
        },
        close: () => socket.close(),
      };
    };
  }

  cut(address: string, port: number, ms: number): void {
    this.#cuts.set(nameOf(address, port), performance.now() + ms);
  }

  #isCut(address: string, port: number): boolean {
    const name = nameOf(address, port);
    const untilMs = this.#cuts.get(name);
    if (untilMs === undefined) return false;
    if (untilMs > performance.now()) return true;
    this.#cuts.delete(name);
    return false;
  }
}

const nameOf = (address: string, port: number): string => `${address} ${port}`;
