/** Real UDP sockets, between which addresses are cut: what goes to or from one is lost. */
import { openUdp, type OpenDatagramSocket } from '#internal/io/udp';

export class CutSockets {
  readonly #cut = new Set<string>();

  cut(address: string): void {
    this.#cut.add(address);
  }

  mend(): void {
    this.#cut.clear();
  }

  readonly open: OpenDatagramSocket = (address, port, listener) => {
    const isCut = (other: string) => this.#cut.has(address) || this.#cut.has(other);
    const socket = openUdp(address, port, {
      onOpen: (opened) => listener.onOpen(opened),
      onFailed: (error) => listener.onFailed(error),
      onUnsent: (...unsent) => listener.onUnsent(...unsent),
      onDatagram: (bytes, from, fromPort) => {
        if (!isCut(from)) listener.onDatagram(bytes, from, fromPort);
      },
    });
    return {
      send: (bytes, to, toPort) => {
        if (!isCut(to)) socket.send(bytes, to, toPort);
      },
      close: () => socket.close(),
    };
  };
}
