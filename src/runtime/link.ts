/**
 * A direct port between two nodes of one process, or what stands for one between processes. What is
 * posted in one turn of the event loop leaves in one or two parcels, in the order in which it was
 * posted: to post a parcel costs more than what it carries.
 */
import type { NodeMessage } from '../../actors/protocol.ts';
import type { NodeId } from '../../actors/vocabulary.ts';

export interface LinkEvents {
  readonly onMessage: (from: NodeId, message: NodeMessage) => void;
  /** Events, as the event codec packs them. */
  readonly onEvents: (from: NodeId, packed: string) => void;
  /** The other side is gone, and all that it sent was delivered before. */
  readonly onClose: (peer: NodeId) => void;
}

/** What goes on being packed until something else is posted, or the parcel leaves. */
export interface Packing {
  take(): string;
}

/** What brings parcels to a peer, whole and in order: a message port, or what stands for one. */
export interface ParcelPort {
  postMessage(parcel: Parcel): void;
  on(event: 'message', listener: (parcel: Parcel) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): void;
}

const now = Promise.resolve();

/** A string is packed events. A parcel of one string alone is posted without its list. */
export type Parcel = string | readonly (NodeMessage | string)[];

export class Link {
  readonly peer: NodeId;
  readonly #port: ParcelPort;
  #parcel: (NodeMessage | string)[] = [];
  #packing: Packing | undefined;
  #isScheduled = false;
  #isGathering = false;

  constructor(peer: NodeId, port: ParcelPort, { onMessage, onEvents, onClose }: LinkEvents) {
    this.peer = peer;
    this.#port = port;
    port.on('message', (parcel: Parcel) => {
      if (typeof parcel === 'string') {
        onEvents(peer, parcel);
        return;
      }
      for (const item of parcel) {
        if (typeof item === 'string') onEvents(peer, item);
        else onMessage(peer, item);
      }
    });
    port.on('close', () => onClose(peer));
  }

  /** It leaves once this callback is done: somebody may wait for it. */
  post(message: NodeMessage): void {
    this.#seal();
    this.#parcel.push(message);
    this.#leaveSoon();
  }

  /**
   * The first of a turn leaves as soon; those of its later callbacks leave together at its end,
   * since of many clients that move at once each would be a parcel.
   */
  gather(message: NodeMessage): void {
    this.#seal();
    this.#parcel.push(message);
    if (this.#isGathering) return;
    this.#isGathering = true;
    setImmediate(this.#endTurn);
    this.#leaveSoon();
  }

  /** The packing has its first event: it leaves at this place of the parcel. */
  pack(packing: Packing): void {
    this.#packing = packing;
    this.#leaveSoon();
  }

  /** Lets the parcel leave now. */
  readonly flush = (): void => {
    this.#isScheduled = false;
    this.#seal();
    const parcel = this.#parcel;
    const [first] = parcel;
    if (first === undefined) return;
    this.#parcel = [];
    const isBare = parcel.length === 1 && typeof first === 'string';
    this.#port.postMessage(isBare ? first : parcel);
  };

  readonly #endTurn = (): void => {
    this.#isGathering = false;
    this.flush();
  };

  close(): void {
    this.flush();
    this.#port.close();
  }

  #seal(): void {
    if (!this.#packing) return;
    this.#parcel.push(this.#packing.take());
    this.#packing = undefined;
  }

  #leaveSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void now.then(this.flush); // A queued microtask would cost an async resource of its own.
  }
}
