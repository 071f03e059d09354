/** A node's data ports over real sockets: its addresses, their exchange, and its certificates. */
import type { NodeId } from '../../actors/vocabulary.ts';
import { realClock } from '../data-port/clock.ts';
import type { NodeAddress } from '../data-port/address-book.ts';
import { DataPorts, type AcceptedPorts, type AcceptFunction } from '../data-port/data-ports.ts';
import type { OpenDataPortOptions } from '../data-port/open-options.ts';
import { TableAddresses, type PortTable } from '../data-port/table-addresses.ts';
import type { Messenger } from '../messaging/messenger.ts';
import type { DataPort } from '../data-port/port.ts';
import { InterplexError } from '../errors.ts';
import {
  dialWire,
  listenForWires,
  requireUsable,
  type TlsSettings,
  type WireListener,
} from '../io/port-wire.ts';
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';
import type { DataPortFigures, PathFigures } from '../inspect/figures.ts';
import type { RootListener } from '../runtime/behaviours.ts';
import type { Links } from '../runtime/links.ts';
import { limits } from '../limits.ts';
import { dataPortMachineLogic } from './provide-data-port.ts';

/** How a node takes data ports. */
export interface DataPortSettings {
  /**
   * Addresses of its adapters, in whose rows of the address table they are published; the kernel
   * chooses the ports. Default `['127.0.0.1']`: what others reach is opened by who names it.
   */
  readonly addresses?: readonly string[];
  /** With it, every port of the node is over mutual TLS. */
  readonly tls?: TlsSettings;
}
export type DataPortConfiguration = Required<Pick<DataPortSettings, 'addresses'>> &
  Pick<DataPortSettings, 'tls'>;

const knownSettings: Known<DataPortSettings> = { addresses: true, tls: true };
const knownOfTls: Known<TlsSettings> = { key: true, cert: true, ca: true };

/** Throws IPX_OPTION_INVALID. */
export function parseDataPorts(at: string, given: DataPortSettings): DataPortConfiguration {
  requireObject(at, given);
  requireKnown(at, given, knownSettings);
  const { addresses = ['127.0.0.1'], tls } = given;
  const isList = Array.isArray(addresses) && addresses.length > 0;
  if (!isList || addresses.length > limits.nodeAddressesMax) {
    throw invalid(`${at}.addresses`, `give 1 to ${limits.nodeAddressesMax} IP addresses`);
  }
  return { addresses, ...(tls !== undefined && { tls: parseTls(`${at}.tls`, tls) }) };
}

/** As text: certificates are given to threads, where a Buffer would not be one any more. */
function parseTls(at: string, given: TlsSettings): TlsSettings {
  requireObject(at, given);
  requireKnown(at, given, knownOfTls);
  const textOf = (name: keyof TlsSettings): string => {
    const value: unknown = given[name];
    if (typeof value === 'string') return value;
    if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
    throw invalid(`${at}.${name}`, 'give it in PEM form, as text or a Buffer');
  };
  return { key: textOf('key'), cert: textOf('cert'), ca: textOf('ca') };
}

export interface DataPortWorld {
  readonly id: NodeId;
  readonly links: Links;
  readonly settings: DataPortConfiguration;
  readonly nodes: readonly NodeId[];
  /** Not open before its node is. */
  readonly messenger: () => Messenger;
  readonly onRoot: RootListener;
}

export class NodeDataPorts {
  readonly #ports: DataPorts;
  readonly #node: NodeId;
  readonly #links: Links;
  readonly #messenger: () => Messenger;
  readonly #addresses: readonly string[];
  readonly #listeners: WireListener[] = [];
  #tls: TlsSettings | undefined;
  #listening: Promise<readonly NodeAddress[]> | undefined;
  #own: readonly NodeAddress[] = [];

  constructor({ id, links, settings, nodes, messenger, onRoot }: DataPortWorld) {
    this.#node = id;
    this.#links = links;
    this.#messenger = messenger;
    this.#addresses = settings.addresses;
    this.#tls = settings.tls;
    this.#ports = new DataPorts({
      node: id,
      clock: realClock,
      logic: dataPortMachineLogic,
      dialWire: (place, events) => dialWire({ ...place, tls: this.#tls }, events),
      listen: () => (this.#listening ??= this.#listen()),
      book: new TableAddresses(tableOf(messenger)),
      isKnown: (node) => nodes.some((other) => other === node) || hasRow(messenger(), node),
      isDoubted: (node) => isDead(messenger(), node),
      onRoot,
    });
    links.subscribe({
      onOpen: (_, link) => {
        if (this.#own.length > 0) link.post(this.#announcement());
      },
      onMessage: (from, message) => {
        if (message.type !== 'dataPorts.taken') return false;
        this.#ports.book.learn(from, message.addresses);
        return true;
      },
    });
  }

  /** The membership holds that node for dead. */
  doubt(node: NodeId): void {
    this.#ports.doubt(node);
  }

  /** For the inspector: each port that is open, with either end here. */
  figures(): DataPortFigures[] {
    return this.#shown.map(({ id, target, service, epoch, resets, unappliedBytes, paths }) => ({
      port: id,
      node: this.#node,
      peer: target,
      service,
      failovers: epoch - 1,
      resets,
      unappliedBytes,
      paths: paths.map(({ path, isSuspect, rttMs, bytesPerSecond, underwayBytes }) => ({
        path: String(path),
        status: isSuspect ? 'suspect' : 'up',
        bytesPerSecond,
        underwayBytes,
        ...(rttMs !== undefined && { rttMs }),
      })),
    }));
  }

  /** The same paths among those of the node, by names by which they can be cut. */
  pathFigures(): PathFigures[] {
    return this.#shown.flatMap((port) =>
      port.paths.map(({ path, isSuspect, rttMs }) => ({
        path: this.#nameOf(port, path),
        from: this.#node,
        to: `${port.target}, ${port.service}, path ${path} of port ${port.id.slice(0, 8)}`,
        status: isSuspect ? 'suspect' : 'up',
        ...(rttMs !== undefined && { rttMs }),
      })),
    );
  }

  /** Resets a path by its name; false where none that is up has it. */
  cut(name: string): boolean {
    for (const port of this.#ports.ports) {
      const found = port.paths.find(({ path }) => this.#nameOf(port, path) === name);
      if (!found) continue;
      port.reset(found.path);
      return true;
    }
    return false;
  }

  /** As many as a table may have. */
  get #shown(): readonly DataPort[] {
    return this.#ports.ports.slice(0, limits.inspectRowsMax / limits.portLinksMax);
  }

  #nameOf({ id }: DataPort, path: number): string {
    return `${this.#node} data port ${id} path ${path}`;
  }

  open(options: OpenDataPortOptions): Promise<DataPort> {
    return this.#ports.open(options);
  }

  accept(service: string, handler: AcceptFunction): Promise<AcceptedPorts> {
    return this.#ports.accept(service, handler);
  }

  /** Ports that are opened from now on show these certificates. Throws IPX_PORT_CERTIFICATE. */
  reloadCertificates(settings: TlsSettings): void {
    if (!this.#tls) {
      const sentence = 'The node was started without dataPorts.tls: it has no certificates.';
      throw new InterplexError('IPX_PORT_CERTIFICATE', sentence);
    }
    const renewed = parseTls('tls', settings);
    requireUsable(renewed);
    this.#tls = renewed;
    for (const listener of this.#listeners) listener.reload(renewed);
  }

  /** Ports drain for a while; then all is closed. */
  async close(): Promise<void> {
    for (const listener of this.#listeners.splice(0)) listener.close();
    await this.#ports.close();
  }

  async #listen(): Promise<readonly NodeAddress[]> {
    const taken = await Promise.all(
      this.#addresses.map(async (address) => {
        const listener = await listenForWires({ address, port: 0, tls: this.#tls }, (accepted) =>
          this.#ports.greet(accepted.open, accepted.isFrom),
        );
        this.#listeners.push(listener);
        return { address, port: listener.port };
      }),
    );
    this.#own = taken;
    for (const { address, port } of taken) this.#messenger().setDataPort(port, address);
    this.#links.broadcast(this.#announcement());
    return taken;
  }

  #announcement() {
    return { type: 'dataPorts.taken', addresses: this.#own } as const;
  }
}

/** A node that has left, or was declared gone, takes no ports. */
const rowIn = (messenger: Messenger, node: string) =>
  messenger.addressTable.rows().find((row) => row.node === node && row.status === 'present');
const hasRow = (messenger: Messenger, node: string) => rowIn(messenger, node) !== undefined;

const isDead = (messenger: Messenger, node: string) =>
  messenger.members().some((member) => member.node === node && member.status === 'dead');

const tableOf = (messenger: () => Messenger): PortTable => ({
  placesOf: (node) =>
    (rowIn(messenger(), node)?.adapters ?? []).flatMap(({ address, dataPort }) =>
      dataPort === undefined ? [] : [{ address, port: dataPort }],
    ),
  subscribe: (listener) =>
    messenger().subscribe((event) => {
      if (event.type === 'row.changed') listener(event.node);
    }),
});
