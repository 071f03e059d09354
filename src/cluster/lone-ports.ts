/** Data ports without a node around them, at an address of one's own choice: for commands. */
import type { NodeAddress } from '../data-port/address-book.ts';
import { realClock } from '../data-port/clock.ts';
import { DataPorts, type AcceptedPorts, type AcceptFunction } from '../data-port/data-ports.ts';
import type { OpenDataPortOptions } from '../data-port/open-options.ts';
import type { DataPort } from '../data-port/port.ts';
import { InterplexError } from '../errors.ts';
import { dialWire, listenForWires, type TlsSettings, type WireListener } from '../io/port-wire.ts';
import { dataPortMachineLogic } from './provide-data-port.ts';

export interface LonePortsOptions {
  /** As what it is known to the other side. */
  readonly name: string;
  /** Where it takes ports, if it does. */
  readonly listen?: NodeAddress | undefined;
  readonly tls?: TlsSettings | undefined;
}

export class LonePorts {
  readonly #ports: DataPorts;
  readonly #options: LonePortsOptions;
  #listener: WireListener | undefined;

  constructor(options: LonePortsOptions) {
    const { name, tls } = options;
    this.#options = options;
    this.#ports = new DataPorts({
      node: name,
      clock: realClock,
      logic: dataPortMachineLogic,
      dialWire: (place, events) => dialWire({ ...place, tls }, events),
      listen: () => this.#listen(),
      isKnown: () => false,
    });
  }

  openDataPort(options: OpenDataPortOptions): Promise<DataPort> {
    return this.#ports.open(options);
  }

  acceptDataPorts(service: string, accept: AcceptFunction): Promise<AcceptedPorts> {
    return this.#ports.accept(service, accept);
  }

  async close(): Promise<void> {
    this.#listener?.close();
    await this.#ports.close();
  }

  async #listen(): Promise<readonly NodeAddress[]> {
    const { listen, tls } = this.#options;
    if (!listen)
      throw new InterplexError('IPX_OPTION_INVALID', 'No address to listen at is given.');
    const { address, port } = listen;
    this.#listener ??= await listenForWires({ address, port, tls }, (accepted) =>
      this.#ports.greet(accepted.open, accepted.isFrom),
    );
    return [{ address, port: this.#listener.port }];
  }
}
