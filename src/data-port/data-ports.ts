/** The data ports of one node: those that it opens, and those that it accepts (DP-1). */
import { randomUUID } from 'node:crypto';
import type { dataPortMachine } from '../../actors/data-port/data-port.ts';
import type { DataPortInput } from '../../actors/data-port/port-knowledge.ts';
import type { Epoch, NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { RootListener } from '../runtime/behaviours.ts';
import type { AcceptedCarriers } from './accepted-carriers.ts';
import { LearntAddresses, type AddressBook, type NodeAddress } from './address-book.ts';
import type { Clock } from './clock.ts';
import type { Wire, WireEvents } from './connection.ts';
import { Dialler, type DialWorld } from './dialler.ts';
import type { Hello } from './handshake.ts';
import {
  isServiceName,
  parseOpenOptions,
  portLimits,
  type OpenDataPortOptions,
  type OpenOrder,
} from './open-options.ts';
import { DataPort } from './port.ts';
import type { PortEffects } from './port-effects.ts';
import type { PortEvent } from './port-events.ts';
import { Reception } from './reception.ts';

export interface DataPortsWorld {
  readonly node: string;
  readonly clock: Clock;
  readonly logic: (effects: PortEffects) => typeof dataPortMachine;
  readonly dialWire: DialWorld['dialWire'];
  /** Listens on every adapter's address, once; settles with where. */
  readonly listen: () => Promise<readonly NodeAddress[]>;
  /** Where nodes take data ports. Default: what handshakes taught, and no more. */
  readonly book?: AddressBook;
  /** Nodes that are known, whether or not their addresses are. */
  readonly isKnown: (node: string) => boolean;
  /** Whether the membership holds the node for dead. */
  readonly isDoubted?: (node: string) => boolean;
  /** Who sees the machines of its ports at work. */
  readonly onRoot?: RootListener;
}

/** What is done with a port that was accepted. */
export type AcceptFunction = (port: DataPort) => void;

/** A service of which ports are accepted. */
export interface AcceptedPorts {
  /** Where this node takes data ports. */
  readonly addresses: readonly NodeAddress[];
  /** Accepts no more; the ports that there are stay. */
  close(): void;
}

export class DataPorts {
  readonly book: AddressBook;
  readonly #world: DataPortsWorld;
  readonly #reception: Reception<DataPort>;
  readonly #opened = new Set<DataPort>();
  #addresses: readonly NodeAddress[] = [];
  #isClosed = false;

  constructor(world: DataPortsWorld) {
    this.#world = world;
    const { node, clock, book = new LearntAddresses() } = world;
    this.book = book;
    this.#reception = new Reception({
      node,
      incarnation: randomUUID(),
      clock,
      book,
      ownAddresses: () => this.#addresses,
      newPort: (hello, carriers) => this.#accepted(hello, carriers),
    });
  }

  /** All ports that are open, with either end here. */
  get ports(): readonly DataPort[] {
    return [...this.#opened, ...this.#reception.ports];
  }

  /**
   * Settles when a path to the target is up, or to a backup where the target does not answer and
   * failover is automatic: `port.target` says which. Rejects with IPX_OPTION_INVALID,
   * IPX_NODE_UNKNOWN, IPX_NODE_STOPPED, IPX_PORT_LIMIT, or with why none of them takes it:
   * IPX_PORT_UNREACHABLE, IPX_PATH_LOST, IPX_SERVICE_UNKNOWN, IPX_SERVICE_FAILED,
   * IPX_PORT_CERTIFICATE.
   */
  async open(options: OpenDataPortOptions): Promise<DataPort> {
    const order = parseOpenOptions(options);
    this.#requireRunning();
    const { id, target, service, links, backups, failover, channels, localAddresses, given } =
      order;
    for (const node of [target, ...backups]) this.#requireKnown(node, order);
    this.#requireRoom();
    const { clock, logic, onRoot } = this.#world;
    const world = { ...this.#world, book: this.book, ownAddresses: () => this.#addresses };
    const dialler = new Dialler({
      world,
      port: id,
      service,
      links,
      channels,
      localAddresses,
      given,
    });
    dialler.aim(target, firstEpoch);
    const port = new DataPort({
      id,
      service,
      channels,
      policy: order.policy,
      carriers: dialler,
      aim: (node, raised) => dialler.aim(node, raised),
      clock,
      logic,
      onRoot,
      isKnown: (node) => this.#isKnown(node, order),
      clients: order.client ? [order.client] : [],
      input: {
        target: target as NodeId,
        epoch: firstEpoch,
        links,
        backups: backups as readonly NodeId[],
        failover,
        limits: order.limits,
      },
    });
    port.register({ onEvent: (event) => this.#hasten(port, event) });
    this.#opened.add(port);
    void port.ended.then(() => this.#opened.delete(port));
    const opened = port.whenOpen();
    port.start();
    await opened;
    return port;
  }

  /**
   * What the handler throws is uncaught, as any error of an application; its port is refused.
   * Rejects with IPX_OPTION_INVALID, IPX_NODE_STOPPED or IPX_SERVICE_TAKEN, or why no address can
   * be listened on.
   */
  async accept(service: string, handler: AcceptFunction): Promise<AcceptedPorts> {
    if (!isServiceName(service) || typeof handler !== 'function') {
      const sentence =
        'acceptDataPorts() takes the name of a service, ' +
        `of up to ${limits.serviceNameMax} characters, and a function.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    this.#requireRunning();
    const close = this.#reception.serve(service, handler);
    try {
      this.#addresses = await this.#world.listen();
    } catch (error) {
      close();
      throw error;
    }
    return { addresses: this.#addresses, close };
  }

  /** A connection was made to one of this node's addresses. */
  greet(open: (events: WireEvents) => Wire, isFrom: (node: string) => boolean): void {
    this.#reception.greet(open, isFrom);
  }

  /** Closes all ports; each drains for a while. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#reception.close();
    await Promise.all(this.ports.map((port) => port.close()));
  }

  /** The membership holds the node for dead: ports without a path to it wait no longer (DP-8). */
  doubt(node: string): void {
    for (const port of this.#opened) if (port.target === node) port.doubt();
  }

  #hasten(port: DataPort, event: PortEvent): void {
    if (event.type === 'port.interrupted' && this.#world.isDoubted?.(event.target)) port.doubt();
  }

  #requireRunning(): void {
    if (!this.#isClosed) return;
    const sentence = `The node "${this.#world.node}" has stopped: start another one.`;
    throw new InterplexError('IPX_NODE_STOPPED', sentence);
  }

  #requireRoom(): void {
    if (this.#opened.size < limits.portsMax) return;
    const sentence = `The node has opened ${limits.portsMax} data ports: close some of them.`;
    throw new InterplexError('IPX_PORT_LIMIT', sentence);
  }

  #isKnown(node: string, { given }: OpenOrder): boolean {
    const isGiven = (given.get(node)?.length ?? 0) > 0;
    return isGiven || this.book.addressesOf(node).length > 0 || this.#world.isKnown(node);
  }

  #requireKnown(node: string, order: OpenOrder): void {
    if (this.#isKnown(node, order)) return;
    const sentence = `No node "${node}" is known: give { node, address, port }.`;
    throw new InterplexError('IPX_NODE_UNKNOWN', sentence);
  }

  /** The other end of a port that somebody opened. */
  #accepted(hello: Hello, carriers: AcceptedCarriers): DataPort {
    const { clock, logic, onRoot } = this.#world;
    const input: DataPortInput = {
      target: hello.from as NodeId,
      epoch: hello.epoch as Epoch,
      links: hello.links,
      backups: [],
      failover: 'client',
      limits: acceptedLimits,
    };
    return new DataPort({
      id: hello.port,
      service: hello.service,
      channels: hello.channels,
      policy: 'drain',
      carriers,
      aim: () => {},
      clock,
      logic,
      onRoot,
      isKnown: () => false,
      clients: [],
      input,
    });
  }
}

const firstEpoch = 1 as Epoch;

/** Whoever dialled dials again; here it is waited for as long as a port is kept without a path. */
const acceptedLimits = {
  ...portLimits,
  dialMs: limits.portAbandonMs,
  openMs: limits.portAbandonMs,
  backoffMs: { least: 1, most: 1 },
};
