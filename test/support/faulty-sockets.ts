/** Real UDP sockets whose datagrams are lost, doubled, overtaken and changed, from a seed. */
import { openUdp, type OpenDatagramSocket } from '#internal/io/udp';
import { Departures } from './faults/departures.ts';
import { Lane, type DatagramFaults, type LaneCounts } from './faults/lane.ts';

export class FaultySockets {
  readonly #lane: Lane;
  readonly #departures = new Departures<() => void>((send) => send());

  constructor(seed: number, faults: DatagramFaults) {
    this.#lane = new Lane(seed, faults);
  }

  get counts(): LaneCounts {
    return this.#lane.counts;
  }

  readonly open: OpenDatagramSocket = (...opening) => {
    const socket = openUdp(...opening);
    return {
      send: (bytes, address, port) => {
        for (const delivery of this.#lane.plan(Buffer.from(bytes), performance.now())) {
          this.#departures.add(() => socket.send(delivery.bytes, address, port), delivery.atMs);
        }
      },
      close: () => socket.close(),
    };
  };
}
