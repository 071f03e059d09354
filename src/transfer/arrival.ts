/** How one client comes to a stack: the carrier of one commit, seen from the target (CT-16). */
import { connect, type Socket } from 'node:net';
import type { CommitCargo } from '../../actors/protocol.ts';
import type { Tuple } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { closeDescriptor } from '../io/descriptors.ts';
import { adoptSocket, stopReading } from '../io/tcp.ts';
import type { Custody } from './custody.ts';
import type { Door } from './relay-doors.ts';

export interface Arrival {
  /** Makes the client this stack's own. Answers once: false when the giver was first. */
  claim(answer: (claimed: boolean) => void): void;
  /** The client's socket, with its unread bytes first; `undefined` when the client has left. */
  adopt(): Socket | undefined;
}

type Cargo<Name> = Extract<CommitCargo, { carrier: Name }>;

/** By a descriptor in shared custody: the claim is a swap. */
export class DescriptorArrival implements Arrival {
  readonly #cargo: Cargo<'descriptor'>;
  readonly #custody: Custody;
  readonly #socket: { readonly tuple: Tuple; readonly allowHalfOpen: boolean };
  #descriptor: number | undefined;

  constructor(
    cargo: Cargo<'descriptor'>,
    custody: Custody,
    socket: { readonly tuple: Tuple; readonly allowHalfOpen: boolean },
  ) {
    this.#cargo = cargo;
    this.#custody = custody;
    this.#socket = socket;
  }

  claim(answer: (claimed: boolean) => void): void {
    this.#descriptor = this.#custody.claim(this.#cargo.slot);
    answer(this.#descriptor !== undefined);
  }

  adopt(): Socket | undefined {
    if (this.#descriptor === undefined) return undefined;
    const { unread, timeoutMs, slot } = this.#cargo;
    const { tuple, allowHalfOpen } = this.#socket;
    try {
      return adoptSocket(this.#descriptor, { tuple, unread, timeoutMs }, allowHalfOpen);
    } catch {
      closeDescriptor(this.#descriptor); // No socket was built over it.
      return undefined;
    } finally {
      this.#custody.adopt(slot);
    }
  }
}

/** By a ticket: the claim is to show it to the relay, first and in time. */
export class RelayArrival implements Arrival {
  readonly #cargo: Cargo<'relay'>;
  readonly #allowHalfOpen: boolean;
  #socket: Socket | undefined;

  constructor(cargo: Cargo<'relay'>, allowHalfOpen: boolean) {
    this.#cargo = cargo;
    this.#allowHalfOpen = allowHalfOpen;
  }

  /** Waits as long as the relaying thread lives: given up on a timer, it might still be granted. */
  claim(answer: (claimed: boolean) => void): void {
    const { port, at } = this.#cargo.relay;
    if (at) this.#reach(at, answer);
    else this.#show(this.#connect({ address: '127.0.0.1', port }), answer);
  }

  /** The first door that opens; one behind a cut cable is not waited for. */
  #reach([door, ...others]: readonly Door[], answer: (claimed: boolean) => void): void {
    if (!door) {
      answer(false);
      return;
    }
    const socket = this.#connect(door);
    const settle = (isOpen: boolean) => {
      clearTimeout(timer);
      socket.off('connect', open).off('error', fail);
      if (isOpen) {
        // Shown to a host that is gone, it would be waited for without end.
        socket.setTimeout(limits.reserveMs, () => socket.destroy());
        this.#show(socket, answer);
        return;
      }
      socket.on('error', () => undefined).destroy(); // The next door is tried instead.
      this.#reach(others, answer);
    };
    const open = () => settle(true);
    const fail = () => settle(false);
    const timer = setTimeout(fail, limits.doorMs);
    socket.once('connect', open).once('error', fail);
  }

  #connect({ address: host, port }: Door): Socket {
    return connect({ port, host, allowHalfOpen: this.#allowHalfOpen, noDelay: true });
  }

  #show(socket: Socket, answer: (claimed: boolean) => void): void {
    const settle = (claimed: boolean) => {
      socket.off('readable', look).off('error', fail).off('close', fail);
      socket.setTimeout(0).removeAllListeners('timeout');
      if (claimed) this.#socket = socket;
      else socket.on('error', () => undefined).destroy(); // It was refused: nothing to tell.
      answer(claimed);
    };
    const fail = () => settle(false);
    const look = () => {
      if (socket.read(1) === null) return;
      stopReading(socket); // Until the application is there to hear.
      settle(true);
    };
    socket.on('readable', look).on('error', fail).on('close', fail);
    socket.write(Buffer.from(this.#cargo.relay.token, 'hex'));
  }

  adopt(): Socket | undefined {
    const socket = this.#socket;
    const { unread, timeoutMs } = this.#cargo;
    if (!socket || socket.destroyed) return undefined;
    if (unread.byteLength > 0) socket.unshift(unread);
    if (timeoutMs > 0) socket.setTimeout(timeoutMs);
    return socket;
  }
}
