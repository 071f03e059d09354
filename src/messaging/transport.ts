/**
 * Datagrams of this node: sealed and packed on their way out, opened and told from replays on their
 * way in. Whatever is not an authentic datagram of a peer's present life is counted, and no more
 * (CM-10).
 */
import { limits } from '../limits.ts';
import { ByteReader, Malformed, type ByteWriter } from '../wire/bytes.ts';
import type { Clock } from './clock.ts';
import { Corks, type Destination } from './corks.ts';
import type { MessagingCounters } from './counters.ts';
import { readSender, writeSender, type Sender } from './frames.ts';
import type { OwnAdapter } from './own-adapters.ts';
import type { Peer } from './peer.ts';
import { headerBytes, tagBytes, type Opened, type Sealer } from './seal.ts';

export interface Arrival {
  readonly own: OwnAdapter;
  readonly address: string;
  readonly port: number;
  readonly peer: Peer;
  /** Whether it is to this life of this node. */
  readonly isToMe: boolean;
}

/** A datagram of this node's own name, of another session. */
export type NamesakeArrival = Omit<Arrival, 'peer'> & { readonly session: string };

export interface TransportWorld {
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly session: string;
  readonly counters: MessagingCounters;
  /** Whose datagrams these are. */
  readonly self: () => Omit<Sender, 'to'>;
  /** The peer of that name; nobody where there are too many. */
  readonly peerOf: (sender: Sender) => Peer | undefined;
  readonly onNewLife: (arrival: Arrival) => void;
  /** Of another life than the one that is alive, as far as is known here; `take` reads it anew. */
  readonly onContested: (arrival: Arrival, session: string, take: () => void) => void;
  readonly onNamesake: (arrival: NamesakeArrival, reader: ByteReader) => void;
  /** Its life is over, as far as is known here. */
  readonly onStale: (arrival: Arrival, session: string) => void;
  readonly onFrames: (arrival: Arrival, reader: ByteReader) => void;
}

export class Transport {
  readonly #world: TransportWorld;
  readonly #corks: Corks;

  constructor(world: TransportWorld) {
    this.#world = world;
    this.#corks = new Corks(world.clock);
  }

  /** A frame, which leaves at the end of this turn. */
  put(to: Destination, size: number, write: (writer: ByteWriter) => void): void {
    this.#corks.put(to, size, write);
  }

  flush(): void {
    this.#corks.flush();
  }

  destination(
    own: OwnAdapter,
    { address, port }: { address: string; port: number },
    session: string,
    bodyBytes = smallBody,
  ): Destination {
    return {
      key: `${own.index} ${address} ${port} ${session}`,
      bodyBytes,
      begin: (writer) => {
        const { node, incarnation } = this.#world.self();
        writeSender(writer, { node, incarnation, to: session });
      },
      send: (body) => {
        const datagram = this.#world.sealer.seal(body);
        const { counters } = this.#world;
        counters.datagramsSent += 1;
        counters.bytesSent += datagram.length;
        own.send(datagram, address, port);
      },
    };
  }

  receive(own: OwnAdapter, bytes: Buffer, address: string, port: number): void {
    const { counters, sealer } = this.#world;
    counters.datagramsReceived += 1;
    const opened = sealer.open(bytes);
    if (typeof opened === 'string') {
      counters[opened] += 1;
      return;
    }
    this.#readOrCount(opened, { own, address, port });
  }

  #readOrCount(opened: Opened, from: Source): void {
    try {
      this.#read(opened, from);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#world.counters.malformed += 1;
    }
  }

  #read(opened: Opened, from: Source): void {
    const { counters, self, session, onFrames, onNamesake } = this.#world;
    const { onContested, onNewLife, onStale } = this.#world;
    const reader = new ByteReader(opened.body);
    const sender = readSender(reader);
    if (sender.node === self().node) {
      counters.reflected += 1;
      if (opened.session === session) return;
      onNamesake({ ...from, session: opened.session, isToMe: sender.to === session }, reader);
      return;
    }
    const peer = this.#world.peerOf(sender);
    if (!peer) {
      counters.stale += 1;
      return;
    }
    const { own, address, port } = from;
    // Written out: after a spread each would have a shape of its own (V8 of Node 20).
    const arrival = { own, address, port, peer, isToMe: sender.to === session };
    const admitted = peer.admit(opened.session, opened.number, sender.incarnation);
    if (admitted === 'replayed' || admitted === 'stale') {
      counters[admitted] += 1;
      if (admitted === 'stale') onStale(arrival, opened.session);
      return;
    }
    if (admitted === 'contested') {
      counters.stale += 1;
      const kept = { ...opened, body: Buffer.from(opened.body) };
      onContested(arrival, opened.session, () => this.#readOrCount(kept, from));
      return;
    }
    if (admitted === 'new') onNewLife(arrival);
    onFrames(arrival, reader);
  }
}

type Source = Pick<Arrival, 'own' | 'address' | 'port'>;

/** Where nothing is known of the way. */
const smallBody = limits.segmentBytes - headerBytes - tagBytes;
