/**
 * This node's own addresses (CM-1, CM-2): each with its machine and its socket, opened and reopened
 * by itself, so that one that fails takes no other with it (CM-3).
 */
import { createActor, fromCallback, type ActorRefFrom } from 'xstate';
import type { adapterMachine } from '../../actors/messaging/adapter.ts';
import type { Refusal } from '../../actors/vocabulary.ts';
import type { DatagramListener, DatagramSocket, OpenDatagramSocket } from '../io/udp.ts';
import { limits } from '../limits.ts';
import type { Sight } from '../runtime/sight.ts';
import type { Clock } from './clock.ts';
import type { AdapterRow } from './row.ts';
import { isInSubnet } from './subnets.ts';

type AdapterLogic = typeof adapterMachine;
export interface AdapterEffects {
  readonly actors: { readonly socket: ReturnType<typeof fromCallback> };
  readonly actions: {
    readonly reportOpen: () => void;
    readonly reportFailed: (args: unknown, refusal: Refusal) => void;
  };
}

export interface OwnAdaptersWorld {
  readonly clock: Clock;
  readonly openSocket: OpenDatagramSocket;
  readonly sight: Sight;
  readonly logicWith: (effects: AdapterEffects) => AdapterLogic;
  readonly onDatagram: (own: OwnAdapter, bytes: Buffer, address: string, port: number) => void;
  readonly onUnsent: (
    own: OwnAdapter,
    error: NodeJS.ErrnoException,
    address: string,
    port: number,
  ) => void;
  /** It is open, or has failed: its row's status and port are others now. */
  readonly onChange: (own: OwnAdapter, refusal?: Refusal) => void;
}

export interface OwnAdapter {
  readonly index: number;
  readonly isOpen: boolean;
  /** Whether its datagrams carry the class of service of its row (CM-2). */
  readonly isMarked: boolean;
  readonly row: AdapterRow;
  send(datagram: Uint8Array, address: string, port: number): void;
}

export class OwnAdapters {
  readonly #all: readonly OpenedAdapter[];

  constructor(rows: readonly AdapterRow[], world: OwnAdaptersWorld) {
    this.#all = rows.map((row, index) => new OpenedAdapter(row, index, world));
  }

  get rows(): AdapterRow[] {
    return this.#all.map(({ row }) => row);
  }

  open(): void {
    for (const adapter of this.#all) adapter.open();
  }

  close(): void {
    for (const adapter of this.#all) adapter.close();
  }

  at(index: number): OwnAdapter | undefined {
    return this.#all[index];
  }

  /**
   * From where a datagram to this address leaves: the same subnet first; else by a router, another
   * for each place in the destination's row, as the routes have it (CM-4).
   */
  towards(address: string, place: number): OwnAdapter | undefined {
    const open = this.#all.filter(({ isOpen }) => isOpen);
    const onLink = open.find(({ row }) => isInSubnet(address, row));
    if (onLink || open.length === 0) return onLink;
    const routed = open.filter(({ row }) => row.router !== undefined);
    return routed[place % Math.max(1, routed.length)] ?? open[place % open.length];
  }

  /** False: this node has no such address. */
  setService(address: string, isInService: boolean): boolean {
    const adapter = this.#all.find(({ row }) => row.address === address);
    adapter?.setService(isInService);
    return adapter !== undefined;
  }

  /** At one address, or at all. */
  setDataPort(port: number, address?: string): void {
    for (const adapter of this.#all) {
      if (address !== undefined && adapter.row.address !== address) continue;
      adapter.row = { ...adapter.row, dataPort: port };
    }
  }
}

class OpenedAdapter implements OwnAdapter {
  readonly index: number;
  row: AdapterRow;
  readonly #world: OwnAdaptersWorld;
  #actor: ActorRefFrom<AdapterLogic>;
  #isInService = true;
  #socket: DatagramSocket | undefined;
  isOpen = false;
  isMarked = true;

  constructor(row: AdapterRow, index: number, world: OwnAdaptersWorld) {
    this.row = { ...row, status: 'down' };
    this.index = index;
    this.#world = world;
    this.#actor = this.#newActor();
  }

  open(): void {
    this.#actor.start();
  }

  close(): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'close' });
  }

  /** Others learn of it by this node's row, and use its other addresses meanwhile. */
  setService(isInService: boolean): void {
    if (this.#isInService === isInService) return;
    this.#isInService = isInService;
    if (isInService) {
      this.#actor = this.#newActor();
      this.open();
    } else {
      this.close();
      this.#change('down', outOfService);
    }
  }

  #newActor(): ActorRefFrom<AdapterLogic> {
    const { logicWith, clock, sight } = this.#world;
    const logic = logicWith({
      actors: { socket: fromCallback(({ sendBack }) => this.#carry(sendBack)) },
      actions: {
        reportOpen: () => this.#change('up'),
        reportFailed: (_, refusal) => this.#change('down', refusal),
      },
    });
    const input = { backoffMs: limits.seedBackoffMs };
    const id = `adapter ${this.row.address}`;
    const actor = createActor(logic, { id, input, clock });
    actor.subscribe({ complete: sight.onRoot(actor) });
    return actor;
  }

  send(datagram: Uint8Array, address: string, port: number): void {
    this.#socket?.send(datagram, address, port);
  }

  #carry(sendBack: (event: { type: string; refusal?: Refusal }) => void): () => void {
    const { openSocket, onDatagram, onUnsent } = this.#world;
    const { address, port, classOfService } = this.row;
    const listener: DatagramListener = {
      onOpen: (opened, isMarked = classOfService === 0) => {
        this.row = { ...this.row, port: opened };
        this.isMarked = isMarked;
        sendBack({ type: 'socket.opened' });
      },
      onDatagram: (bytes, from, fromPort) => onDatagram(this, bytes, from, fromPort),
      onFailed: (error) =>
        sendBack({ type: 'socket.failed', refusal: refusalOf(address, port, error) }),
      onUnsent: (error, to, toPort) => onUnsent(this, error, to, toPort),
    };
    const socket = openSocket(address, port, listener, classOfService);
    this.#socket = socket;
    return () => {
      this.#socket = undefined;
      this.isOpen = false;
      socket.close();
    };
  }

  #change(status: 'up' | 'down', refusal?: Refusal): void {
    this.isOpen = status === 'up';
    this.row = { ...this.row, status };
    this.#world.onChange(this, refusal);
  }
}

const outOfService: Refusal = {
  code: 'IPX_ADDRESS_UNUSABLE',
  reason: 'It was taken out of service: put it back with messenger.setService(address, true).',
};

/** AF-9: what a socket's failure means to whoever gave the address. */
function refusalOf(address: string, port: number, error: NodeJS.ErrnoException): Refusal {
  if (error.code === 'EADDRINUSE') {
    const reason = `UDP port ${port} of ${address} is in use: give another, or 0 for any.`;
    return { code: 'IPX_PORT_HELD', reason };
  }
  const why = error.code ?? error.message;
  const reason = `${address}:${port} cannot be opened (${why}): give an address of this host.`;
  return { code: 'IPX_ADDRESS_UNUSABLE', reason };
}
